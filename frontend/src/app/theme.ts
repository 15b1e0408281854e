import { createTheme, type CSSVariablesResolver, Modal, Notification } from "@mantine/core";

/** The look of every page: the system's own fonts, nothing fetched from elsewhere. */
export const theme = createTheme({
  fontFamily: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'DejaVu Sans Mono', Menlo, monospace",
  primaryColor: "indigo",
  primaryShade: 8,
  defaultRadius: "sm",
  headings: { fontWeight: "650" },
  components: {
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close" } } }),
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { "aria-label": "Close" } },
      styles: { description: { color: "var(--mantine-color-dimmed)" } },
    }),
  },
});

/** Colours of text that reach a contrast of 4.5 : 1 on every ground that the pages have (WCAG 2.1 AA). */
export const readableText: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5a6168",
    "--mantine-color-placeholder": "#666d74",
    "--mantine-color-error": "var(--mantine-color-red-9)",
    "--mantine-color-yellow-light-color": "#6b4600",
    "--mantine-color-orange-light-color": "#8f3a04",
    "--mantine-color-teal-light-color": "#065f46",
    "--mantine-color-red-light-color": "#a11d1d",
    "--mantine-color-blue-light-color": "#155693",
    "--mantine-color-gray-light-color": "#3d444b",
  },
  dark: {
    "--mantine-color-dimmed": "#a9abb0",
    "--mantine-color-placeholder": "#9b9fa5",
    "--mantine-color-error": "var(--mantine-color-red-4)",
  },
});
