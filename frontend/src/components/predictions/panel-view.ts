import type { PredictedImage, PredictionClass, PredictionPage, StepPrediction } from "../../api/types";

export type PanelMode = "prediction" | "errors";

/** What all tiles of the panels show. */
export interface PanelView {
  mode: PanelMode;
  /** All classes are shown alike where none is chosen. */
  chosen: PredictionClass | null;
  classes: readonly PredictionClass[];
}

/** A ground truth that is to be drawn. */
export interface TileProps {
  image: PredictedImage;
  view: PanelView;
}

/** What the model of one step makes of an image. */
export interface StepTileProps extends TileProps {
  done: StepPrediction;
}

export interface LegendProps {
  page: PredictionPage;
  mode: PanelMode;
}
