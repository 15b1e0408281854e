import createClient, { type Middleware } from "openapi-fetch";

import { at, BASE } from "../lib/place";
import { errorOfAnswer, errorOfNetwork } from "./api-error";
import type { paths } from "./generated/schema";
import { noteServerTime } from "./server-clock";

/** Event of the window after an answer that says that nobody has signed in. */
export const NOBODY_SIGNED_IN = "palimpsest:nobody-signed-in";
const UNAUTHENTICATED = 401;
const READS = ["GET", "HEAD"];

let csrfToken: string | null = null;

/** What a change by the cookie of this browser has to be sent with; null where nobody has signed in. */
export function sendWithChanges(token: string | null): void {
  csrfToken = token;
}

const signedIn: Middleware = {
  onRequest: ({ request }) => {
    if (csrfToken !== null && !READS.includes(request.method)) {
      request.headers.set("X-CSRF-Token", csrfToken);
    }
    return request;
  },
  onResponse: ({ response, schemaPath }) => {
    // What is wrong about a password says nothing about who has signed in.
    if (response.status === UNAUTHENTICATED && !schemaPath.startsWith("/api/v1/sessions")) {
      globalThis.dispatchEvent(new Event(NOBODY_SIGNED_IN));
    }
  },
};

const network: Middleware = {
  onError: ({ error }) => (isAbort(error) ? undefined : errorOfNetwork(error)),
};

const clock: Middleware = { onResponse: ({ response }) => noteServerTime(response.headers.get("date")) };

/** The service's interface; every path and field is checked against its schema. */
export const api = createClient<paths>({
  baseUrl: globalThis.location.origin + BASE,
  // Looked up at each call, so that a test can put its own in place.
  fetch: (request) => globalThis.fetch(request),
});
api.use(network, clock, signedIn);

/** The body of an answer: where one can be had as a text file too, the object that is sent unless the file is asked for. */
type Body<Data> = [Exclude<Data, undefined | string>] extends [never] ? Exclude<Data, undefined> : Exclude<Data, undefined | string>;

/** The data of an answer; throws ApiError where it is no success. */
export async function unwrap<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Body<Data>> {
  const { data, error, response } = await answer;
  if (error !== undefined || data === undefined) {
    throw errorOfAnswer(error, response);
  }
  return (BASE === "" ? data : placed(data)) as Body<Data>;
}

/** The same answer, with the addresses of the service where this page reaches them. */
function placed(data: unknown): unknown {
  if (typeof data === "string") {
    return data.startsWith("/api/v1/") ? at(data) : data;
  }
  if (Array.isArray(data)) {
    return data.map(placed);
  }
  return typeof data === "object" && data !== null ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, placed(value)])) : data;
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
