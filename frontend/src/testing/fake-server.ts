import { vi } from "vitest";

import type { paths } from "../api/generated/schema";
import type { Problem } from "../api/types";

type Verb = "get" | "post" | "put" | "patch";
type PathOf<V extends Verb> = { [P in keyof paths]: paths[P][V] extends { responses: unknown } ? P : never }[keyof paths];
type BodyOf<Answer> = Answer extends { content: { "application/json": infer Body } } ? Body : never;
type Success<Operation> = Operation extends { responses: infer Answers }
  ? { [Status in keyof Answers]: Status extends 200 | 201 | 202 ? BodyOf<Answers[Status]> : never }[keyof Answers]
  : never;

/** What a handler is told of a request. */
export interface Asked {
  url: URL;
  /** Parts of the path, in the order of the template. */
  parts: string[];
  headers: Headers;
  body: unknown;
}

interface Route {
  verb: Verb;
  pattern: RegExp;
  answer: (asked: Asked) => unknown;
}

/** Answers of the service, typed by its schema; what nobody has set is a problem with status 404. */
export class FakeServer {
  /** Every request so far, as "GET /api/v1/runs?limit=200". */
  readonly requests: string[] = [];
  readonly bodies: unknown[] = [];
  private routes: Route[] = [];

  constructor() {
    vi.stubGlobal("fetch", (request: Request) => this.answer(request));
  }

  get<P extends PathOf<"get">>(path: P, answer: (asked: Asked) => Success<paths[P]["get"]> | FakeProblem): this {
    return this.set("get", path, answer);
  }

  post<P extends PathOf<"post">>(path: P, answer: (asked: Asked) => Success<paths[P]["post"]> | FakeProblem | Promise<Success<paths[P]["post"]>>): this {
    return this.set("post", path, answer);
  }

  patch<P extends PathOf<"patch">>(path: P, answer: (asked: Asked) => Success<paths[P]["patch"]> | FakeProblem): this {
    return this.set("patch", path, answer);
  }

  put<P extends PathOf<"put">>(path: P, answer: (asked: Asked) => Success<paths[P]["put"]> | FakeProblem): this {
    return this.set("put", path, answer);
  }

  private set(verb: Verb, path: string, answer: (asked: Asked) => unknown): this {
    const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, "([^/]+)")}$`);
    this.routes = [{ verb, pattern, answer }, ...this.routes];
    return this;
  }

  private async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const body = await bodyOf(request);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    this.bodies.push(body);
    const verb = request.method.toLowerCase();
    const route = this.routes.find((candidate) => candidate.verb === verb && candidate.pattern.test(url.pathname));
    const parts = route?.pattern.exec(url.pathname)?.slice(1) ?? [];
    const found =
      route === undefined ? new FakeProblem({ detail: `nothing at ${url.pathname}` }) : await route.answer({ url, parts, headers: request.headers, body });
    return found instanceof FakeProblem ? found.response() : Response.json(found);
  }
}

/** What was sent: JSON as its value, anything else as its text. */
async function bodyOf(request: Request): Promise<unknown> {
  const text = await request.text();
  const isJson = request.headers.get("content-type")?.startsWith("application/json") ?? false;
  return text === "" ? null : isJson ? JSON.parse(text) : text;
}

/** A problem answer; without more said, of something that does not exist. */
export class FakeProblem {
  constructor(private readonly said: Partial<Problem>) {}

  response(): Response {
    const problem: Problem = {
      type: "/problems/not-found",
      title: "There is no such thing",
      status: 404,
      detail: "there is none",
      instance: "/",
      request_id: "request-1",
      errors: [],
      ...this.said,
    };
    return Response.json(problem, { status: problem.status });
  }
}
