import { api, unwrap } from "../../../../api/client";
import type { LabelMap } from "../../engine/label-map";
import { type Difference, differencesOf, type Version } from "../../engine/versions";
import { draftOf } from "../../answering/answer-rights";
import type { KeptWork } from "../kept-work";
import { draftedMap, type PaintWork, withTiles } from "../load-work";
import { readDraft } from "../read-draft";

/** What is painted here, what was saved elsewhere, and where they differ. */
export interface Versions {
  here: Version;
  elsewhere: Version;
  /** Of the draft that was saved elsewhere. */
  revision: number;
  differences: readonly Difference[];
}

/** Read what was saved elsewhere since, and compare it with what is here.
 *
 * @param kept what this browser kept and has not laid over the map yet.
 */
export async function readVersions(work: PaintWork, author: string, kept: KeptWork | null): Promise<Versions> {
  const path = { query_id: work.query.id };
  const query = await unwrap(api.GET("/api/v1/queries/{query_id}", { params: { path } }));
  const draft = draftOf(query, author) === undefined ? null : await readDraft(query, author);
  const elsewhere = draftedMap(work.query, work.proposal.ids, work.queried, draft);
  const { map } = work.painter;
  const here = kept === null ? { ids: map.ids.slice(), sources: map.sources.slice() } : keptUnder(map, elsewhere, withTiles(elsewhere, kept.tiles, work.proposal.ids));
  return { here, elsewhere, revision: draft?.revision ?? 0, differences: differencesOf(here, elsewhere, work.query) };
}

/** What was kept, under what was painted since. */
function keptUnder(map: LabelMap, before: LabelMap, kept: Version): Version {
  const [ids, sources] = [kept.ids.slice(), kept.sources.slice()];
  for (let at = 0; at < ids.length; at++) {
    if (map.ids[at] !== before.ids[at]) {
      ids[at] = map.ids[at] ?? map.ignoreId;
      sources[at] = map.sources[at] ?? 0;
    }
  }
  return { ids, sources };
}
