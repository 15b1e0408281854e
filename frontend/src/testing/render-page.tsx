import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, type RenderResult } from "@testing-library/react";
import type { ComponentType } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";

/** Draws a page at an address as the application does, without retries and animations. */
export function renderPage(page: ComponentType, path: string, address: string): RenderResult & { address: () => string } {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, refetchInterval: false } } });
  const routes = [
    { path, Component: page },
    { path: "*", Component: () => <p>another page</p> },
  ];
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  const drawn = render(
    <QueryClientProvider client={client}>
      <MantineProvider env="test">
        <RouterProvider router={router} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return { ...drawn, address: () => `${router.state.location.pathname}${router.state.location.search}` };
}
