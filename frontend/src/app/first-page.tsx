import { Navigate } from "react-router";

import { useMayResearch } from "../api/session";

/** Where people begin: with the runs, or with what is to be labelled. */
export function FirstPage() {
  return <Navigate to={useMayResearch() ? "/runs" : "/labelling"} replace />;
}
