import { createTheme } from "@mantine/core";

/** The look of every page: the system's own fonts, nothing fetched from elsewhere. */
export const theme = createTheme({
  fontFamily: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'DejaVu Sans Mono', Menlo, monospace",
  primaryColor: "indigo",
  defaultRadius: "sm",
  headings: { fontWeight: "650" },
});
