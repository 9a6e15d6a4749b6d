/** The bar's few glyphs, drawn on a 24-unit square in the current colour. */

const SHAPES = {
  previous: { fill: "M6 5h2.5v14H6zM19 5v14L9 12z", line: "" },
  next: { fill: "M15.5 5H18v14h-2.5zM5 5v14l10-7z", line: "" },
  loud: { fill: "M3 9v6h4l6 5V4L7 9z", line: "M16 8.5a5 5 0 0 1 0 7M18.5 5.5a9 9 0 0 1 0 13" },
  muted: { fill: "M3 9v6h4l6 5V4L7 9z", line: "M16.5 9.5l5 5M21.5 9.5l-5 5" },
  together: {
    fill: "M8 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM1.5 19.5c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6z",
    line: "M15.5 5a3.3 3.3 0 0 1 0 6M17.5 14c2.6.7 4.5 2.7 4.5 5.5",
  },
} as const;

export function Icon(props: { readonly name: keyof typeof SHAPES }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill="none">
      <path d={SHAPES[props.name].fill} fill="currentColor" />
      <path d={SHAPES[props.name].line} stroke="currentColor" stroke-width="2" stroke-linecap="round" />
    </svg>
  );
}
