import type { ReactNode } from "react";

import type { SampleKind } from "../../api/types";
import { BinaryCaption, BinaryDetails, BinaryLegend, BinaryStep, BinaryTruth } from "./binary-panel";
import { DenseCaption, DenseDetails, DenseLegend, DenseStep, DenseTruth } from "./dense-panel";
import { InstanceCaption, InstanceDetails, InstanceLegend, InstanceStep, InstanceTruth } from "./instance-panel";
import type { LegendProps, PanelMode, StepTileProps, TileProps } from "./panel-view";

/** How predictions of one kind of sample are drawn. */
export interface PanelKind {
  /** What can be shown of a prediction, the first by default. */
  modes: readonly [PanelMode, ...PanelMode[]];
  /** Whether one class can be shown alone. */
  hasClasses: boolean;
  Truth: (props: TileProps) => ReactNode;
  Step: (props: StepTileProps) => ReactNode;
  /** The line under a step's tile. */
  Caption: (props: StepTileProps) => ReactNode;
  /** What colours and patterns of the tiles mean. */
  Legend: (props: LegendProps) => ReactNode;
  /** What is said under a large picture. */
  Details: (props: StepTileProps) => ReactNode;
}

export const KINDS: Readonly<Record<SampleKind, PanelKind>> = {
  dense: {
    modes: ["prediction", "errors"],
    hasClasses: true,
    Truth: DenseTruth,
    Step: DenseStep,
    Caption: DenseCaption,
    Legend: DenseLegend,
    Details: DenseDetails,
  },
  binary: {
    modes: ["prediction", "errors"],
    hasClasses: false,
    Truth: BinaryTruth,
    Step: BinaryStep,
    Caption: BinaryCaption,
    Legend: BinaryLegend,
    Details: BinaryDetails,
  },
  instances: {
    modes: ["prediction"],
    hasClasses: true,
    Truth: InstanceTruth,
    Step: InstanceStep,
    Caption: InstanceCaption,
    Legend: InstanceLegend,
    Details: InstanceDetails,
  },
};
