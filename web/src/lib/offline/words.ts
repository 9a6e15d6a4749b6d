/** Why something is not kept, for a person. */

import { bytes } from "../format";
import { t } from "../messages";
import type { Refusal } from "./keep";

export function reasonOf(refusal: Refusal): string {
  const texts = t().device.reasons;
  if (refusal.why !== "full") return texts[refusal.why];
  const { shortage } = refusal;
  if (!shortage) return texts.fullDevice;
  const [need, left] = [bytes(shortage.need), bytes(shortage.left)];
  return shortage.limit === "allowed" ? texts.fullAllowed(need, left) : texts.fullOf(need, left);
}
