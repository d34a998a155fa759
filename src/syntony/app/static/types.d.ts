// Made from app/schema*.py by `python -m syntony.app.types_made`; do not edit.

/** An account; ``password`` is told once, with the answer that drew it, and else empty. */
export type AccountShape = {
  id: string;
  name: string;
  role: "owner" | "analyst" | "coder" | "supervisor" | "reader";
  sessions: string[];
  once: boolean;
  password: string;
};

/** Whom to add; the password is drawn. */
export type AccountToAdd = {
  name: string;
  role: "owner" | "analyst" | "coder" | "supervisor" | "reader";
};

/** A rating that was begun; ``next`` is the first grid number that is free. */
export type BegunRating = {
  id: string;
  person: string;
  what: string;
  rater: string;
  rate_hz: number;
  low: number;
  high: number;
  next: number;
};

/** The index of a session beside one kind of chance, as it is written. */
export type Beside = {
  chance: string;
  value: string;
  range: string;
  reach: string;
  p: string;
};

/** How long a calibration may take: ``quick`` makes a fifth of the twin studies. */
export type CalibrationGiven = {
  quick: boolean;
};

/** An evenly sampled channel; ``id`` is the hash of its samples and names its tiles. ``gaps`` are [start, stop) in seconds; neighbours are told as one where there are very many. */
export type Channel = {
  id: string;
  source: "recording" | "feature";
  person: string;
  role: string;
  kind: string;
  title: string;
  unit: string;
  rate_hz: number;
  start_s: number;
  n_samples: number;
  low: number | null;
  high: number | null;
  valid_share: number;
  gaps: [number, number][];
};

/** What clips are cut from and how; as ``make_clips`` takes it. */
export type ClipsWanted = {
  run: string;
  which: "moments" | "survivors";
  matched: boolean;
  length_s: number | null;
  margin_s: number;
  cut: boolean;
};

/** A code by a coder; ``valence`` after the code book of the run. Without a ``person`` it is of everybody together; without a ``coder`` too, it is a phase of the session. */
export type Code = {
  person: string;
  role: string;
  coder: string;
  label: string;
  valence: string;
  start_s: number;
  stop_s: number;
};

/** One code of a book; ``key`` is empty where the alphabet was not enough. */
export type CodeShape = {
  name: string;
  title: string;
  valence: string;
  about: "person" | "dyad";
  exclusive: boolean;
  colour: string;
  key: string;
};

/** One code that was given: seconds on the session clock; nobody named: about all. */
export type CodedEvent = {
  onset_s: number;
  duration_s: number;
  person: string;
  code: string;
  comment: string;
  tier: string;
  modifier: string;
};

/** Somebody whom codes and ratings are about. */
export type CodedPerson = {
  id: string;
  role: string;
};

/** The codes are on the disk. */
export type CodesSaved = {
  revision: string;
  count: number;
  standing: StandingShape;
};

/** Whose codes are finished, as of which revision. */
export type CodesToFinish = {
  coder: string;
  revision: string;
};

/** All codes of a coder, made from those with this revision (empty: from none). */
export type CodesToSave = {
  coder: string;
  book: string;
  revision: string;
  events: CodedEvent[];
};

/** How far those who finished agree; ``words`` say what the numbers rest on. */
export type CodingAgreement = {
  words: string;
  rows: KappaRow[];
  disagreements: Parting[];
  notes: string[];
};

/** What the coder of one session is given: the book and their own codes, nothing else. Of a blind clip, times count from its beginning, people are named by their roles, and ``core`` says what will count of it. */
export type CodingSheet = {
  session: string;
  coder: string;
  people: CodedPerson[];
  start_s: number;
  stop_s: number;
  films: FilmShape[];
  book: string;
  book_title: string;
  book_status: string;
  book_is_fixed: boolean;
  books: string[];
  codes: CodeShape[];
  events: CodedEvent[];
  revision: string;
  standing: StandingShape;
  core: number[];
  numbers: number[];
};

/** How ``course_<step>`` is drawn: five rows of ``n_windows``; ``band`` in words. */
export type CourseFacts = {
  n_windows: number;
  low: number;
  high: number;
  smooth_s: number;
  band: string;
};

/** A recording to be watched; session second 0 is its second ``offset_s``. ``url`` is empty where a browser cannot play it: then ``trouble`` says why, and ``remedy`` is the command that makes a file which can be played. ``rate_hz`` are the frames a second that the file tells; null where it does not. */
export type FilmShape = {
  url: string;
  name: string;
  offset_s: number;
  rate_hz: number | null;
  trouble: string;
  remedy: string;
};

/** A person in a session. */
export type Human = {
  id: string;
  role: string;
};

/** What the files do not say of themselves; as ``import_files`` takes it. */
export type ImportOptions = {
  pattern: string;
  values: Record<string, Record<string, string>>;
  type: string;
  roles: string[];
  columns: Record<string, string>;
  settings: Record<string, string>;
  column: string;
  time_column: string;
  kind: string;
  unit: string;
  rate_hz: number | null;
  format: string;
  offsets_s: Record<string, number>;
  together: boolean;
  markers: string;
  edges: string;
  claps: string;
  shared_signal: string;
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

/** Kappa of two coders in one session; null where there is none, and ``status`` says why. */
export type KappaRow = {
  coder_a: string;
  coder_b: string;
  code: string;
  value: number | null;
  low: number | null;
  high: number | null;
  seconds: number | null;
  share_a: number | null;
  share_b: number | null;
  status: string;
};

/** A rating that is in the study. */
export type KeptRating = {
  person: string;
  what: string;
  rater: string;
};

/** Streams that answered, and whose were whose the last time. */
export type LiveFound = {
  streams: LiveStream[];
  people: Record<string, string[]>;
  units: Record<string, string>;
};

/** What is new since the last frame: bins of ``bin_s`` as number, least, most, by lane. */
export type LiveFrame = {
  now_s: number;
  bin_s: number;
  bins: Record<string, ([number, number | null, number | null])[]>;
  state: LiveState | null;
  preview: LivePreview | null;
};

/** A channel that is drawn while it is recorded. */
export type LiveLane = {
  number: number;
  role: string;
  stream: string;
  label: string;
  unit: string;
  kind: string;
};

/** What a preview tells of one person. */
export type LivePerson = {
  role: string;
  heart_rate: number | null;
  responses_per_min: number | null;
  valid_share: number;
};

/** The last minutes by the ordinary methods; preliminary. */
export type LivePreview = {
  people: LivePerson[];
  time_s: number[];
  synchrony: (number | null)[];
  low: number | null;
  high: number | null;
  draws: number;
  method: string;
  why: string;
};

/** Where to look: the id that senders and recorder share, and devices that send no LSL. */
export type LiveSearch = {
  lsl_session: string;
  devices: string[];
};

/** How the recording stands. */
export type LiveState = {
  stage: "idle" | "waiting" | "recording" | "paused" | "filing" | "filed" | "failed";
  session: string;
  elapsed_s: number;
  streams: LiveStreamState[];
  lanes: LiveLane[];
  alarms: string[];
  message: string;
  file: string;
};

/** A stream that answered; ``unitless`` names the channels whose unit it does not say. */
export type LiveStream = {
  name: string;
  source_id: string;
  type: string;
  host: string;
  rate_hz: number;
  channels: string[];
  unitless: string[];
};

/** How a stream is doing; ``alarms`` are codes. */
export type LiveStreamState = {
  name: string;
  samples: number;
  nominal_rate_hz: number;
  rate_hz: number | null;
  age_s: number | null;
  offset_s: number | null;
  growth_ppm: number | null;
  alarms: string[];
};

/** What is recorded: streams of each role, by source id or name. ``ids`` say who somebody is, where the study knows them or they are to have an id of their own. */
export type LiveToStart = {
  session: string;
  dyad: string;
  type: string;
  people: Record<string, string[]>;
  ids: Record<string, string>;
  units: Record<string, string>;
  lsl_session: string;
};

/** A command, or the text of a marker. */
export type LiveWords = {
  do: "pause" | "resume" | "stop" | "mark";
  text: string;
};

/** A name and a password; ``own``: the password that takes the place of one good once. */
export type LogIn = {
  name: string;
  password: string;
  own: string;
};

/** What is missing of a person's feature, by cause. */
export type Loss = {
  role: string;
  title: string;
  cause: string;
  seconds: number;
  share: string;
};

/** How ``map_<step>`` lies: ``n_windows`` rows over ``at``. */
export type MapFacts = {
  n_windows: number;
  axis: "lag_s" | "frequency_hz";
  at: number[];
  limit: number;
  signed: boolean;
};

/** A stretch that is called an artefact; ``kind`` "*" means every channel of the person. */
export type MarkGiven = {
  person: string;
  kind: string;
  start_s: number;
  stop_s: number;
  reason: string;
};

/** All marks of a session by their start, and runs that read another list of them. ``made`` is the id of the mark that the request made; else empty. */
export type MarkList = {
  marks: MarkShown[];
  runs_before: string[];
  made: string;
};

/** One mark of a session; ``withdrawn_at`` is empty while it is in force. */
export type MarkShown = {
  id: string;
  at: string;
  by: string;
  person: string;
  role: string;
  kind: string;
  start_s: number;
  stop_s: number;
  reason: string;
  withdrawn_at: string;
  withdrawn_by: string;
};

/** One file of video or sound; ``trouble`` where a browser cannot play it. ``remedy`` is the command that makes one which every browser plays; ``frame_rate_hz`` is what the file says, where it can be read. */
export type MediaFacts = {
  number: number;
  name: string;
  kind: "video" | "sound";
  mime: string;
  url: string;
  offset_s: number;
  offset_from: string;
  trouble: string;
  remedy: string;
  frame_rate_hz: number | null;
};

/** Video and sound of a session. */
export type MediaList = {
  media: MediaFacts[];
};

/** A stretch that survives chance, or a moment of high or low concordance. */
export type Moment = {
  number: number;
  step: number;
  kind: string;
  start_s: number;
  stop_s: number;
  strength: string;
  lag_s: number | null;
  leader: string;
  coverage: string;
  chance: string;
  phase: string;
  sign: number;
  p: string;
  draws: number;
  words: string;
};

/** What a pattern reads from one name, by field; nothing where it does not fit. */
export type NameRead = {
  file: string;
  fields: Record<string, string>;
};

/** How many of the names a pattern fits, the first of these, and some of the others. ``more`` names were not looked at: the plan looks at all. */
export type NamesRead = {
  all: number;
  fit: number;
  more: number;
  rows: NameRead[];
  others: NameRead[];
};

/** A pattern of file names, and what the short forms in them mean. */
export type NamesTold = {
  pattern: string;
  values: Record<string, Record<string, string>>;
};

/** The second of a file at which the session clock is zero. */
export type Offset = {
  offset_s: number;
};

/** A stretch on which two coders gave different codes (s). */
export type Parting = {
  start_s: number;
  seconds: number;
  stop_s: number;
  role: string;
  coder_a: string;
  code_a: string;
  coder_b: string;
  code_b: string;
};

/** The recipe that is registered; ``replace`` puts it in the place of an older plan. */
export type PlanGiven = {
  recipe: Record<string, unknown>;
  replace: boolean;
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

/** A rating as it is in the study; null is missing, and so are figures nobody can give. */
export type RatedCourse = {
  person: string;
  what: string;
  rater: string;
  rate_hz: number;
  start_s: number;
  values: (number | null)[];
};

/** Which unfinished rating. */
export type RatingName = {
  id: string;
};

/** What a rater is given of a session; a coder is told of their own ratings only. */
export type RatingPage = {
  session: string;
  people: CodedPerson[];
  start_s: number;
  stop_s: number;
  films: FilmShape[];
  kept: KeptRating[];
  begun: BegunRating[];
};

/** What is to be rated: about whom, by whom, how often, on which scale. */
export type RatingToBegin = {
  person: string;
  what: string;
  rater: string;
  rate_hz: number;
  low: number;
  high: number;
};

/** What can be said of a recipe before any work. */
export type RecipeChecked = {
  problems: Problem[];
  sessions: number;
  strangers: number;
  notes: string[];
  registered: string;
};

/** One session as the review page shows it. */
export type Review = {
  session: string;
  dyad: string;
  number: number;
  type: string;
  simulated: boolean;
  study: string;
  people: Human[];
  roles: string[];
  run: string;
  start_s: number;
  stop_s: number;
  channels: Channel[];
  events: Series[];
  codes: Code[];
  steps: ReviewStep[];
  moments: Moment[];
  quality: Loss[];
  code_book: Record<string, string>;
  notes: string[];
};

/** One step of the recipe in this session. */
export type ReviewStep = {
  step: number;
  method: string;
  title: string;
  index: string;
  headline: string;
  leader: string;
  stretches: string;
  beside: Beside[];
  course: CourseFacts | null;
  map: MapFacts | null;
};

/** The role that an account is to have. */
export type RoleGiven = {
  role: "owner" | "analyst" | "coder" | "supervisor" | "reader";
};

/** What the form holds: a recipe, and the name of the run; empty: the next number. */
export type RunGiven = {
  recipe: Record<string, unknown>;
  name: string;
};

/** A run in the list; ``seconds`` is null where it is not known. */
export type RunLine = {
  name: string;
  state: string;
  kind: string;
  title: string;
  made_at: string;
  seconds: number | null;
  compared: string;
  methods: string[];
  sessions: number;
  failed: number;
  has_report: boolean;
  can_resume: boolean;
  job: string;
};

/** Every run of the study, the newest first; ``job`` is the id of the work on it. */
export type RunList = {
  runs: RunLine[];
};

/** Finished runs, the newest first. */
export type RunNames = {
  runs: string[];
};

/** Samples of consecutive grid numbers from ``first``; null is missing. */
export type Samples = {
  id: string;
  first: number;
  values: (number | null)[];
};

/** The samples are on the disk; ``next`` is the first grid number that is free. */
export type SamplesKept = {
  next: number;
};

/** Moments of a person: the array ``events_<index>`` has times (s), then values. */
export type Series = {
  index: number;
  person: string;
  role: string;
  kind: string;
  title: string;
  unit: string;
  count: number;
  low: number | null;
  high: number | null;
};

/** The sessions that a coder is to see, these and no others. */
export type SessionsGiven = {
  sessions: string[];
};

/** How far a coder is; stamps are ISO 8601 in UTC, empty for never. */
export type StandingShape = {
  finished_at: string;
  compared_at: string;
  reopened_at: string;
};

/** An open upload: how many files it has, and how many bytes. */
export type Upload = {
  id: string;
  files: number;
  bytes: number;
};
