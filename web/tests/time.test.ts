import { describe, expect, it } from "vitest";
import { clock, spoken, spokenProgress } from "../src/lib/time";

describe("time", () => {
  it("is short for the eye", () => {
    expect([0, 8.9, 68, 3668].map(clock)).toEqual(["0:00", "0:08", "1:08", "1:01:08"]);
    expect([Number.NaN, Number.POSITIVE_INFINITY, -1].map(clock)).toEqual(["-:--", "-:--", "-:--"]);
  });

  it("is whole words for the ear", () => {
    expect(spoken(0)).toBe("0 seconds");
    expect(spoken(1)).toBe("1 second");
    expect(spoken(240)).toBe("4 minutes");
    expect(spoken(3661)).toBe("1 hour 1 minute 1 second");
    expect(spokenProgress(68, 240)).toBe("1 minute 8 seconds of 4 minutes");
    expect(spokenProgress(68, Number.NaN)).toBe("1 minute 8 seconds");
  });
});
