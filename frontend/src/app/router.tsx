import { createBrowserRouter } from "react-router";

import { BASE } from "../lib/place";
import { ErrorPage, NotFoundPage } from "./error-page";
import { FirstPage } from "./first-page";
import { Layout } from "./layout";
import { PageSkeleton } from "./page-skeleton";

/** Every page by its address; each is fetched when it is first opened. */
export const router = createBrowserRouter(
  [
    { path: "/sign-in", errorElement: <ErrorPage />, lazy: async () => ({ Component: (await import("../features/sign-in/link-page")).LinkPage }) },
    {
      element: <Layout />,
      errorElement: <ErrorPage />,
      HydrateFallback: PageSkeleton,
      children: [
        { index: true, element: <FirstPage /> },
        {
          errorElement: <ErrorPage />,
          children: [
            { path: "runs", lazy: async () => ({ Component: (await import("../features/runs/runs-page")).RunsPage }) },
            { path: "compare", lazy: async () => ({ Component: (await import("../features/results/compare-page")).ComparePage }) },
            {
              path: "experiments/:experimentKey",
              lazy: async () => ({ Component: (await import("../features/results/experiment/experiment-page")).ExperimentPage }),
            },
            { path: "launch", lazy: async () => ({ Component: (await import("../features/launch/launch-page")).LaunchPage }) },
            { path: "launch/matrix", lazy: async () => ({ Component: (await import("../features/launch/matrix/matrix-page")).MatrixPage }) },
            { path: "runs/:runId", lazy: async () => ({ Component: (await import("./run-route")).RunRoute }) },
            {
              path: "runs/:runId/memory",
              lazy: async () => ({ Component: (await import("../features/memory/memory-page")).MemoryPage }),
            },
            {
              path: "datasets",
              lazy: async () => ({ Component: (await import("../features/datasets/datasets-page")).DatasetsPage }),
            },
            {
              path: "datasets/:datasetId",
              lazy: async () => ({ Component: (await import("../features/datasets/dataset-page")).DatasetPage }),
            },
            {
              path: "labelling",
              lazy: async () => ({ Component: (await import("../features/labelling/queue/queue-page")).QueuePage }),
            },
            {
              path: "labelling/:stageId",
              lazy: async () => ({ Component: (await import("../features/labelling/answering/round-page")).RoundPage }),
            },
            {
              path: "labelling/:stageId/paint/:queryId?",
              lazy: async () => ({ Component: (await import("../features/labelling/painting/paint-page")).PaintPage }),
            },
            { path: "workers", lazy: async () => ({ Component: (await import("../features/workers/workers-page")).WorkersPage }) },
            { path: "users", lazy: async () => ({ Component: (await import("../features/users/users-page")).UsersPage }) },
            { path: "account", lazy: async () => ({ Component: (await import("../features/account/account-page")).AccountPage }) },
            { path: "*", element: <NotFoundPage /> },
          ],
        },
      ],
    },
  ],
  { basename: BASE || "/" },
);
