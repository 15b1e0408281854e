import type { components, operations } from "./generated/schema";

type Schemas = components["schemas"];

export type RunSummary = Schemas["RunSummary"];
export type RunDetail = Schemas["RunDetail"];
export type RunState = Schemas["RunState"];
export type StageSummary = Schemas["StageSummary"];
export type StageState = Schemas["StageState"];
export type AttemptSummary = Schemas["AttemptSummary"];
export type Deviation = Schemas["Deviation"];
export type PlannedStage = Schemas["PlannedStage"];
export type ClassLabel = Schemas["ClassLabel"];
export type StepTable = Schemas["StepTable"];
export type StepRow = Schemas["StepRow"];
export type StepColumn = Schemas["StepColumn"];
export type Point = Schemas["Point"];
export type SeriesKey = Schemas["SeriesKey"];
export type LogEntry = Schemas["LogEntry"];
export type FeedEvent = Schemas["FeedEvent"];
export type Snapshot = Schemas["Snapshot"];
export type MemoryEntry = Schemas["MemoryEntry"];
export type MemoryClass = Schemas["MemoryClass"];
export type MemoryPage = Schemas["MemoryPage"];
export type MethodSummary = Schemas["MethodSummary"];
export type PresetDetail = Schemas["PresetDetail"];
export type PresetSummary = Schemas["PresetSummary"];
export type ExperimentVerdict = Schemas["ExperimentVerdict"];
export type ExperimentDetail = Schemas["ExperimentDetail"];
export type ArtifactDetail = Schemas["ArtifactDetail"];
export type Problem = Schemas["Problem"];
export type FaultEntry = Schemas["FaultEntry"];
export type RunListQuery = NonNullable<operations["list_runs"]["parameters"]["query"]>;
export type FeedPage = Schemas["FeedPage"];
export type LogPage = Schemas["LogPage"];
export type SeriesAnswer = Schemas["Series"];

/** States in which nothing happens any more, unless a person resumes the run. */
export const ENDED_STATES: ReadonlySet<RunState> = new Set<RunState>(["succeeded", "failed", "cancelled"]);
