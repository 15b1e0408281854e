import type { MemoryEntry, MemoryMatrix } from "../../api/types";

/** Two snapshots of a budget of three: balls, then balls and a crate; kites were seen, and none is stored. */
export function exampleMatrix(): MemoryMatrix {
  return {
    classes: [
      { id: 1, name: "ball", colour: "#800000" },
      { id: 2, name: "crate", colour: "#008000" },
      { id: 3, name: "kite", colour: "#808000" },
    ],
    snapshots: [
      {
        stage_id: "stage-0",
        stage_index: 0,
        budget: 3,
        budget_per_class: 3,
        items: 3,
        bytes: 6144,
        cells: [{ class_id: 1, items: 3, bytes: 6144 }],
        seen_classes: [1],
        missing_classes: [],
        warnings: [],
      },
      {
        stage_id: "stage-1",
        stage_index: 1,
        budget: 3,
        budget_per_class: 1,
        items: 3,
        bytes: 6144,
        cells: [
          { class_id: 1, items: 2, bytes: 4096 },
          { class_id: 2, items: 1, bytes: 2048 },
        ],
        seen_classes: [1, 2, 3],
        missing_classes: [3],
        warnings: ["no instance in memory was drawn for class 3 (kite): nothing is pasted for it"],
      },
    ],
  };
}

/** One stored instance. */
export function exampleItem(id: number, changes: Partial<MemoryEntry> = {}): MemoryEntry {
  return {
    id,
    run_id: "run-1",
    stage_id: "stage-1",
    item_id: `item-${id}`,
    class_id: 1,
    class_name: "ball",
    colour: "#800000",
    classes: [1],
    source: `train/${id}.png`,
    box: [2, 3, 12, 23],
    image_size: [96, 96],
    area: 120,
    step_added: 0,
    rank: id,
    bytes: 2048,
    times_drawn: 7,
    ...changes,
  };
}
