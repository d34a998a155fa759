// Made from app/schema.py by `python -m syntony.app.types_made`; do not edit.

/** What the files do not say of themselves; as ``import_files`` takes it. */
export type ImportOptions = {
  pattern: string;
  values: Record<string, Record<string, string>>;
  type: string;
  roles: string[];
  columns: Record<string, string>;
  column: string;
  time_column: string;
  kind: string;
  unit: string;
  rate_hz: number | null;
  format: string;
  offsets_s: Record<string, number>;
  together: boolean;
  zone: string;
  title: string;
  leave_out_problems: boolean;
};

/** A piece of long work: ``done`` of ``total`` steps; the result when it is finished. */
export type Job = {
  id: string;
  kind: string;
  title: string;
  state: "running" | "finished" | "failed" | "stopped";
  done: number;
  total: number;
  elapsed_s: number;
  message: string;
  field: string;
  result: any;
};

/** The jobs of this start of the app, the newest first. */
export type JobList = {
  jobs: Job[];
};

/** A name and a password. */
export type LogIn = {
  name: string;
  password: string;
};

/** What is wrong, and with which field of a form (empty: with none of them). */
export type Problem = {
  field: string;
  message: string;
};

/** Every answer that is not a success. */
export type Problems = {
  problems: Problem[];
};

/** An open upload: how many files it has, and how many bytes. */
export type Upload = {
  id: string;
  files: number;
  bytes: number;
};
