import createClient, { type Middleware } from "openapi-fetch";

import { errorOfAnswer, errorOfNetwork } from "./api-error";
import type { paths } from "./generated/schema";
import { noteServerTime } from "./server-clock";

const network: Middleware = {
  onError: ({ error }) => (isAbort(error) ? undefined : errorOfNetwork(error)),
};

const clock: Middleware = { onResponse: ({ response }) => noteServerTime(response.headers.get("date")) };

/** The service's interface; every path and field is checked against its schema. */
export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  // Looked up at each call, so that a test can put its own in place.
  fetch: (request) => globalThis.fetch(request),
});
api.use(network, clock);

/** The data of an answer; throws ApiError where it is no success. */
export async function unwrap<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await answer;
  if (error !== undefined || data === undefined) {
    throw errorOfAnswer(error, response);
  }
  return data as Exclude<Data, undefined>;
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
