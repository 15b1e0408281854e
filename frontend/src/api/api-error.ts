import type { FaultEntry, Problem } from "./types";

/** A request that failed: the service's problem answer, or what the browser knows where there was none. */
export class ApiError extends Error {
  readonly title: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Page that explains this kind of problem; empty where there is none. */
  readonly type: string;
  /** Finds the request in the service's log; empty where no answer came. */
  readonly requestId: string;
  readonly faults: readonly FaultEntry[];

  constructor(problem: Partial<Problem> & { title: string; status: number }) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.title = problem.title;
    this.status = problem.status;
    this.type = problem.type ?? "";
    this.requestId = problem.request_id ?? "";
    this.faults = problem.errors ?? [];
  }
}

/** The error of an answer that is no success. */
export function errorOfAnswer(body: unknown, response: Response): ApiError {
  const requestId = response.headers.get("x-request-id") ?? "";
  if (isProblem(body)) {
    return new ApiError({ ...body, request_id: body.request_id || requestId });
  }
  return new ApiError({
    title: "The answer cannot be read",
    status: response.status,
    detail: `The service answered ${response.status} without an explanation. The answer may come from a proxy between this page and the service.`,
    request_id: requestId,
  });
}

/** The error of a request that got no answer. */
export function errorOfNetwork(cause: unknown): ApiError {
  const said = cause instanceof Error ? ` (${cause.message})` : "";
  return new ApiError({
    title: "The service does not answer",
    status: 0,
    detail: `The service sent no answer${said}. Nothing is lost: runs continue without this page. Check that the service is running.`,
  });
}

/** Whether there is no such thing, or no more; asking again does not bring it. */
export function isMissing(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 404;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "title" in body && "status" in body && "detail" in body;
}
