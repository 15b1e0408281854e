import { fireEvent, screen } from "@testing-library/react";
import { parse } from "yaml";

import type { StreamPreview } from "../../../api/types";
import { valueAt } from "../../../lib/json-pointer";
import { FakeProblem } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { DOCUMENT, PRESET, PREVIEW, SCHEMA, serve, VERDICT } from "../fake-launch-service";
import { LaunchPage } from "../launch-page";

export interface ServedStream {
  schema: object;
  stream: Record<string, unknown>;
  /** Pointer → message of what the service refuses. */
  faults?: Record<string, string>;
  preview?: StreamPreview;
}

/** Show the Launch page of a method with such a stream, for tests of its editor; wait until the editor has `sign`. */
export async function launchWithStream({ schema, stream, faults = {}, preview = PREVIEW }: ServedStream, sign: string) {
  const document = { ...DOCUMENT, stream };
  const errors = Object.entries(faults).map(([pointer, message]) => ({ source: "body" as const, pointer, message, code: "config_error" }));
  serve()
    .get("/api/v1/methods/{method}/schema", () => ({ ...SCHEMA, properties: { ...SCHEMA.properties, stream: schema } }))
    .get("/api/v1/methods/{method}/presets/{preset}", () => ({ ...PRESET, document, resolved: document }))
    .post("/api/v1/stream-preview", () => preview)
    .post("/api/v1/experiments", () =>
      errors.length > 0
        ? new FakeProblem({ status: 422, title: "The request is not valid", errors })
        : { ...VERDICT, document, resolved: document },
    );
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText(sign);
}

/** The stream of the document as the text shows it. */
export function writtenStream(): unknown {
  fireEvent.click(screen.getByText("YAML or JSON"));
  return valueAt(parse(screen.getByLabelText<HTMLTextAreaElement>("Experiment document").value), "/stream");
}
