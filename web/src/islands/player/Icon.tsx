/** The bar's few glyphs, drawn on a 24-unit square in the current colour. */

const SHAPES = {
  previous: { fill: "M6 5h2.5v14H6zM19 5v14L9 12z", line: "" },
  next: { fill: "M15.5 5H18v14h-2.5zM5 5v14l10-7z", line: "" },
  loud: { fill: "M3 9v6h4l6 5V4L7 9z", line: "M16 8.5a5 5 0 0 1 0 7M18.5 5.5a9 9 0 0 1 0 13" },
  muted: { fill: "M3 9v6h4l6 5V4L7 9z", line: "M16.5 9.5l5 5M21.5 9.5l-5 5" },
  shuffle: { fill: "", line: "M3 7h3.5c4.5 0 6.5 10 11 10H21M3 17h3.5c1.6 0 2.9-1.3 4-3M13.5 9.5c1.1-1.5 2.4-2.5 4-2.5H21M18.5 4.5 21 7l-2.5 2.5M18.5 14.5 21 17l-2.5 2.5" },
  repeat: { fill: "", line: "M4 11V9.5A2.5 2.5 0 0 1 6.5 7H19M16.5 4.5 19 7l-2.5 2.5M20 13v1.5a2.5 2.5 0 0 1-2.5 2.5H5M7.5 14.5 5 17l2.5 2.5" },
  queue: { fill: "M16 13.5v7l5.5-3.5z", line: "M3 6h17M3 12h17M3 18h9" },
  lyrics: { fill: "", line: "M4 5h16v11h-8l-4.5 4v-4H4zM8 9h8M8 12.5h5" },
  more: { fill: "M5 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM19 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4z", line: "" },
  heart: { fill: "", line: "M12 20 4.6 12.6a4.6 4.6 0 0 1 6.5-6.5l.9.9.9-.9a4.6 4.6 0 0 1 6.5 6.5z" },
  hearted: { fill: "M12 20 4.6 12.6a4.6 4.6 0 0 1 6.5-6.5l.9.9.9-.9a4.6 4.6 0 0 1 6.5 6.5z", line: "M12 20 4.6 12.6a4.6 4.6 0 0 1 6.5-6.5l.9.9.9-.9a4.6 4.6 0 0 1 6.5 6.5z" },
  close: { fill: "", line: "M6 6l12 12M18 6L6 18" },
  grip: { fill: "", line: "M5 8.5h14M5 12h14M5 15.5h14" },
  together: {
    fill: "M8 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM1.5 19.5c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6z",
    line: "M15.5 5a3.3 3.3 0 0 1 0 6M17.5 14c2.6.7 4.5 2.7 4.5 5.5",
  },
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon(props: { readonly name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill="none">
      <path d={SHAPES[props.name].fill} fill="currentColor" />
      <path d={SHAPES[props.name].line} stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
