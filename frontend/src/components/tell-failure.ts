import { notifications } from "@mantine/notifications";

/** Says what did not work; it stays until it is closed, so that nobody misses it. */
export function tellFailure(title: string, message: string): void {
  notifications.show({ color: "red", title, message, autoClose: false });
}
