# A study as data frames. In R, in this folder:
#
#     source("study.R")
#     study <- read_study()                      # every table: study$people, study$codes, ...
#     eda <- read_recordings(study, kind = "eda")  # all of a kind, one row a sample
#
# Ids stay text ("01" is not 1), and what is missing is NA.

.text <- c("session", "dyad", "type", "person", "about", "role", "group", "kind", "unit", "file",
           "code", "coder", "instrument", "item", "started_at", "clock_source")

.read <- function(path) {
  head <- names(utils::read.csv(path, nrows = 1, check.names = FALSE))
  classes <- ifelse(head %in% .text, "character", NA)
  utils::read.csv(path, colClasses = classes, na.strings = "", check.names = FALSE,
                  encoding = "UTF-8")
}

read_study <- function(folder = ".") {
  files <- list.files(folder, pattern = "[.]csv$")
  study <- lapply(file.path(folder, files), .read)
  names(study) <- sub("[.]csv$", "", files)
  attr(study, "folder") <- folder
  study
}

read_recordings <- function(study, kind = NULL, session = NULL, person = NULL) {
  rows <- study$recordings
  for (name in c("kind", "session", "person")) {
    wanted <- get(name)
    if (!is.null(wanted)) rows <- rows[rows[[name]] %in% wanted, , drop = FALSE]
  }
  parts <- lapply(seq_len(nrow(rows)), function(k) {
    samples <- utils::read.csv(file.path(attr(study, "folder"), rows$file[k]), na.strings = "")
    facts <- rows[k, c("session", "person", "role", "kind", "unit")]
    cbind(facts[rep(1, nrow(samples)), ], samples, row.names = NULL)
  })
  do.call(rbind, parts)
}
