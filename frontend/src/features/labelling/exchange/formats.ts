import type { ExportRequest, ImportTerms } from "../../../api/types";

interface Format<Name> {
  value: Name;
  label: string;
  description: string;
}

/** In which form answers leave. */
export const EXPORT_FORMATS: readonly Format<ExportRequest["format"]>[] = [
  { value: "index_png", label: "Index PNG", description: "One 8-bit PNG an image with the classes as palette. With pictures it is a dataset of the kind “folder”." },
  { value: "coco", label: "COCO", description: "One document with run lengths of each class and image." },
  { value: "cityscapes", label: "Cityscapes", description: "The folders gtFine and leftImg8bit with label ids, train ids and colours." },
  { value: "json", label: "JSON", description: "Run lengths with who answered and what it took. It cannot be imported." },
];

/** In which form labels come. */
export const IMPORT_FORMATS: readonly Format<ImportTerms["format"]>[] = [
  { value: "index_png", label: "Index PNG", description: "Index PNGs, colour PNGs, or “Segmentation mask 1.1” of CVAT with its labelmap.txt." },
  { value: "coco", label: "COCO", description: "Documents with polygons or run lengths, as CVAT, Label Studio and others write them." },
  { value: "cityscapes", label: "Cityscapes", description: "Files called …_gtFine_labelIds.png, …_labelTrainIds.png or …_color.png." },
];

/** What becomes of a pixel that annotations of two classes cover. */
export const OVERLAPS: readonly { value: NonNullable<ImportTerms["overlap"]>; label: string }[] = [
  { value: "refuse", label: "refuse the image" },
  { value: "last", label: "the last annotation gets them" },
  { value: "smallest", label: "the smallest annotation gets them" },
  { value: "ignore", label: "they get no class" },
];
