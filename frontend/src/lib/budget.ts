import { formatCount, formatValue } from "./format";

/** A budget with its unit: "35 images", "2.2 % of each image". */
export function budgetText(budget: number, unit: string): string {
  if (unit === "percent_images") {
    return `${formatValue(budget)} % of the images`;
  }
  if (unit === "percent_pixels_per_image") {
    return `${formatValue(budget)} % of each image's pixels`;
  }
  const amount = formatCount(budget, unit.replace(/s$/, ""));
  return unit === "images" ? amount : `${amount} of each image`;
}
