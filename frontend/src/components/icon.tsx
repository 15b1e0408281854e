/** Outlines on a 16 x 16 grid. */
const PATHS = {
  runs: "M2 4h12M2 8h12M2 12h8",
  launch: "M4 2.5l9 5.5-9 5.5z",
  light: "M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.5 1.5M11.5 11.5L13 13M3 13l1.5-1.5M11.5 4.5L13 3",
  dark: "M13 9.5A5.5 5.5 0 016.5 3a5.5 5.5 0 106.5 6.5z",
  help: "M8 14.5a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM6 6.2a2 2 0 113 1.8c-.7.4-1 .8-1 1.5M8 11.6v.2",
  queued: "M8 14a6 6 0 100-12 6 6 0 000 12zM8 4.5V8l2.5 1.5",
  running: "M5 3l8 5-8 5z",
  waiting: "M4 2h8M4 14h8M5 2c0 4 3 4 3 6s-3 2-3 6M11 2c0 4-3 4-3 6s3 2 3 6",
  paused: "M5.5 3v10M10.5 3v10",
  succeeded: "M2.5 8.5l3.5 3.5 7.5-8",
  failed: "M8 1.8l6.7 12H1.3zM8 6v3.6M8 11.6v.4",
  cancelled: "M8 14a6 6 0 100-12 6 6 0 000 12zM4 12l8-8",
  pending: "M8 13a5 5 0 100-10 5 5 0 000 10z",
  cancel: "M4 4l8 8M12 4l-8 8",
  resume: "M3 8a5 5 0 105-5H4.5M6.5 1L4.5 3l2 2",
  clone: "M5.5 5.5h8v8h-8zM10.5 5V2.5h-8v8H5",
  download: "M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
  up: "M3.5 10L8 5.5 12.5 10",
  down: "M3.5 6L8 10.5 12.5 6",
  memory: "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z",
  datasets: "M8 2c3 0 5.5.9 5.5 2S11 6 8 6 2.5 5.1 2.5 4 5 2 8 2zM2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2",
  labelling: "M2.5 13.5l.8-3.2 7.6-7.6 2.4 2.4-7.6 7.6zM9.5 4.1l2.4 2.4M8.5 13.5h5",
  workers: "M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14",
  locked: "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 015 0v2.5",
  unlocked: "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 014.8-1",
  shown: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6z",
  hidden: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM3 13L13 3",
  delete: "M3 4.5h10M6 4.5V2.5h4v2M4.5 4.5l.7 9h5.6l.7-9",
  brush: "M10 2l4 4-6 6-4-4zM4 8c-1.5 1-1 3.5-2.5 5.5 2.5.6 5 0 6-2",
  eraser: "M9 3l4.5 4.5L8 13H5l-3-3zM5.5 6.5L10 11M8 13h6",
  polygon: "M8 2l6 4.5-2.3 7H4.3L2 6.5z",
  rectangle: "M2.5 4h11v8h-11z",
  fill: "M7 2.5l6 6L8.5 13 2 7.5zM3 7h8.5M13.8 10.5c.9 1.3 1 2.2.1 2.8-.9.3-1.6-.5-1.2-1.4z",
  wand: "M2.5 13.5l7-7M11.5 1.5v2.5M11.5 7v2.5M8 5h2M13 5h2",
  superpixel: "M5 2h4l2 3.5L9 9H5L3 5.5zM9 9l2 3.5h3.5M11 5.5h3.5M5 9l-2 3.5",
  assistant: "M3 2l7.5 4.2-3.2 1-1.2 3.3zM11.5 9v5M9 11.5h5",
  accept: "M1.5 8.5l3 3 5-6M7.5 11.5l6.5-8",
  pick: "M9 6l-5.5 5.5L2.5 13.5l2-1L10 7M7.5 4.5l4 4M9.5 5l2-2a1.4 1.4 0 012 2l-2 2",
  undo: "M5.5 3l-3 3 3 3M2.5 6H10a3.5 3.5 0 010 7H6",
  redo: "M10.5 3l3 3-3 3M13.5 6H6a3.5 3.5 0 000 7h4",
  back: "M10 3L5 8l5 5",
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing that goes with a word and never stands for it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: "none" }}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
