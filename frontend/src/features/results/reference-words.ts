import type { ReferenceRow } from "../../api/types";

/** What each kind of reference is called. */
export const ROLES: Readonly<Record<ReferenceRow["role"], string>> = { joint: "joint training", fine_tuning: "fine-tuning" };
