const WORDS: Readonly<Record<string, string>> = {
  user_code_error: "error in the method's code",
  config_error: "invalid setting",
  data_error: "bad file in the dataset",
  gpu_out_of_memory: "GPU out of memory",
  host_out_of_memory: "machine out of memory",
  worker_lost: "worker lost",
  stalled: "no progress",
  timeout: "took too long",
  storage_error: "storage unavailable",
  non_finite_loss: "loss is NaN or infinite",
  internal: "unexpected error",
};

/** Why something is in its state, in a few words; null where the state alone says it. */
export function reasonText(state: string, reason: string | null | undefined): string | null {
  if (reason == null || (state.startsWith("cancel") && reason === "cancelled_by_user")) {
    return null;
  }
  return WORDS[reason] ?? reason.replaceAll("_", " ");
}
