/** What a reason code most likely means, and what helps. */
export interface FailureAdvice {
  cause: string;
  remedy: string;
}

const ADVICE: Readonly<Record<string, FailureAdvice>> = {
  user_code_error: {
    cause: "The method's own code raised an error.",
    remedy: "Read the last lines of the log; after the code is mended, resume goes on from the last checkpoint.",
  },
  config_error: {
    cause: "The configuration asks for something that cannot be done.",
    remedy: "Clone the run and change the setting that the message names.",
  },
  data_error: {
    cause: "An image or label is missing, damaged, or not what the dataset promises.",
    remedy: "Fix the file that the message names, then resume.",
  },
  gpu_out_of_memory: {
    cause: "The GPU has too little memory for this batch, crop and network.",
    remedy: "Clone with a smaller optim.batch_size or data.crop_px, or resume when nothing else uses the GPU.",
  },
  host_out_of_memory: {
    cause: "The machine ran out of memory and ended the process.",
    remedy: "Clone with a smaller data.cache_mib or optim.batch_size, or resume on a machine with more memory.",
  },
  disk_full: {
    cause: "The disk of the worker or of the storage is full.",
    remedy: "Make room, then resume; nothing that was stored is lost.",
  },
  worker_lost: {
    cause: "The worker was silent for too long: its machine or process ended, several times over.",
    remedy: "See that a worker runs, then resume from the last checkpoint.",
  },
  stalled: {
    cause: "The stage made no progress for too long.",
    remedy: "Read where the log ends: a hanging disk or data loader is the usual cause. Then resume.",
  },
  timeout: {
    cause: "The stage took longer than it may.",
    remedy: "Resume goes on from the last checkpoint with a new allowance.",
  },
  storage_error: {
    cause: "A file could not be read from or written to the storage.",
    remedy: "See that the storage is there and writable, then resume.",
  },
  non_finite_loss: {
    cause: "The loss became NaN or infinite: mostly a learning rate that is too high for these data.",
    remedy: "Clone with a lower optim.lr_base or lr_step, with optim.warmup_iterations, or with optim.clip_norm.",
  },
  cancelled_by_user: { cause: "Somebody cancelled it.", remedy: "Resume goes on from the last checkpoint." },
};

const UNKNOWN: FailureAdvice = {
  cause: "The service met something that it did not expect.",
  remedy: "Read the last lines of the log and the trace; resume goes on from the last checkpoint.",
};

/** Cause and remedy of a reason code; a general word for one that is not known. */
export function adviceFor(reason: string | null): FailureAdvice {
  return ADVICE[reason ?? ""] ?? UNKNOWN;
}
