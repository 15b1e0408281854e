import { Alert, Stack, Table, Text } from "@mantine/core";

import type { ImportReport } from "../../../api/types";
import { ColumnTitles } from "../../../components/column-titles";
import { formatCount, formatNumber } from "../../../lib/format";
import { lossTexts, outcomeText, statusWord } from "./report-words";

/** What became of an archive, or would become of it: counts, what was left out, pixels of each class, and each file. */
export function ImportReportView({ report }: { report: ImportReport }) {
  const losses = lossTexts(report.losses);
  const { counts } = report;
  const isTaken = counts.accepted + counts.would_accept > 0;
  return (
    <Stack gap="sm" component="section" aria-label="what became of the archive">
      <Alert variant="light" color={isTaken ? (counts.refused > 0 ? "yellow" : "teal") : "red"} title={outcomeText(report)} role="status">
        {losses.length > 0 && (
          <ul className="plain-list">
            {losses.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        {report.is_round_closed && <Text size="sm">With its last answer the round is closed, and the next training begins.</Text>}
      </Alert>
      {isTaken && <ClassPixelTable report={report} />}
      <FileTable report={report} />
    </Stack>
  );
}

function ClassPixelTable({ report }: { report: ImportReport }) {
  return (
    <details>
      <Text component="summary" size="sm">
        Pixels of each class in what is taken
      </Text>
      <Table fz="xs" verticalSpacing={2} aria-label="pixels of each class" w="auto">
        <Table.Tbody>
          {report.class_pixels.map((one) => (
            <Table.Tr key={one.id}>
              <Table.Th scope="row">{one.name}</Table.Th>
              <Table.Td className="number">{formatNumber(one.pixels)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </details>
  );
}

function FileTable({ report }: { report: ImportReport }) {
  const rows = report.files.filter((file) => file.message !== null);
  if (rows.length === 0 && report.unlisted.length === 0) {
    return null;
  }
  return (
    <div className="import-files" tabIndex={0} role="group" aria-label="files with a note">
      <Table fz="xs" verticalSpacing={3} aria-label="files with a note" stickyHeader>
        <ColumnTitles titles={["file", "outcome", "why"]} />
        <Table.Tbody>
          {rows.map((file) => (
            <Table.Tr key={file.file}>
              <Table.Td className="break-words import-file">{file.file}</Table.Td>
              <Table.Td>{statusWord(file.status)}</Table.Td>
              <Table.Td className="break-words">{withoutName(file.message ?? "", file.file)}</Table.Td>
            </Table.Tr>
          ))}
          {report.unlisted.map(({ code, files }) => (
            <Table.Tr key={code}>
              <Table.Td colSpan={3}>
                {formatCount(files, "more file")} for the reason {code.replaceAll("_", " ")}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** A message of the service begins with the name of its file, which stands beside it here. */
function withoutName(message: string, file: string): string {
  return message.startsWith(`${file}: `) ? message.slice(file.length + 2) : message;
}
