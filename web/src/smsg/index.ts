/** Sealed releases (SMSG): the functions a page uses. The types say what they do. */

export * from "./types";
export { checkKey, inspect, newKey, openAbr, seal } from "./client";
