#include "theory/vectors/file.h"
#include "theory/vectors/flag.h"

#include <assay/reference.h>

#include <stdio.h>

/* lambda = 0, steps = 0 and time = 1 unless said otherwise; r = 1 where norm2 is 0. */
typedef struct {
  const char *name, *comment;
  size_t samples, steps;
  double sigma, lambda, norm2, time;
  assay_schedule schedule;
  assay_noise_protocol noise;
  bool no_skip;
} settings_row;

#define LINEAR                                                                                                         \
  { .kind = ASSAY_LINEAR }
#define TRIGONOMETRIC                                                                                                  \
  { .kind = ASSAY_TRIGONOMETRIC }

static const settings_row rows[] = {
    {"published", "the paper's experiment: sigma 0.5, lambda 0.1", 16, 0, 0.5, 0.1, 1, 1, LINEAR, 0, false},
    {"published-inside", "the same, inside", 16, 0, 0.5, 0.1, 1, 0.5, LINEAR, 0, false},
    {"fewest-samples", "n = 2", 2, 0, 0.5, 0.1, 1, 0.75, LINEAR, 0, false},
    {"one-sample", "n = 1: A = lambda alone", 1, 0, 0.5, 0.25, 1, 0.75, LINEAR, 0, false},
    {"no-penalty", "lambda = 0: P = sigma exactly", 16, 0, 0.5, 0, 1, 1, LINEAR, 0, false},
    {"light-penalty", "lambda = 2^-50: lost beside n when added first", 1024, 0, 0.5, 0x1p-50, 1, 1, LINEAR, 0, false},
    {"heavy-penalty", "lambda = 2^40: means shrink to nothing, the cosine does not", 16, 0, 0.5, 0x1p40, 1, 1, LINEAR,
     0, false},
    {"many-samples", "n = 2^40: mse and Bayes's agree in few digits", 1099511627776, 0, 0.5, 0.25, 1, 1, LINEAR, 0,
     false},
    {"needle", "sigma = 2^-30: B/A is dominated by the penalty", 64, 0, 0x1p-30, 0.1, 1, 1, LINEAR, 0, false},
    {"needle-no-penalty", "sigma = 2^-30, lambda = 0: all is of the order of sigma^2", 64, 0, 0x1p-30, 0, 1, 0.5,
     LINEAR, 0, false},
    {"cloud", "sigma = 2^20: clusters without visible means", 64, 0, 0x1p20, 0.1, 1, 1, LINEAR, 0, false},
    {"matched", "lambda = sigma^2/r: P^2 - sigma^2 = r lambda/A", 32, 0, 0.5, 0.25, 1, 1, LINEAR, 0, false},
    {"unit", "sigma = 1, lambda = 1/8: B is near A, P near 1", 8, 0, 1, 0.125, 1, 0.5, LINEAR, 0, false},
    {"short-mean", "r = 2^-20", 32, 0, 0.5, 0.1, 0x1p-20, 1, LINEAR, 0, false},
    {"long-mean", "r = 2^20", 32, 0, 0.5, 0.1, 0x1p20, 1, LINEAR, 0, false},
    {"near-noise", "t = 2^-40: Q = -(n/(lambda+n)) (sqrt(D/A) - alpha) cancels", 16, 0, 0.5, 0.1, 1, 0x1p-40, LINEAR, 0,
     false},
    {"near-data", "1 - t = 2^-40: w vanishes with alpha", 16, 0, 0.5, 0.1, 1, 1 - 0x1p-40, LINEAR, 0, false},
    {"start", "t = 0: c, w_mu's limit and an empty flow", 16, 0, 0.5, 0.1, 1, 0, LINEAR, 0, false},
    {"trigonometric", "its own D(t), the same end", 16, 0, 0.5, 0.1, 1, 0.5, TRIGONOMETRIC, 0, false},
    {"trigonometric-near-noise", "t = 2^-30", 16, 0, 0.5, 0.1, 1, 0x1p-30, TRIGONOMETRIC, 0, false},
    {"trigonometric-near-data", "1 - t = 2^-30: cos(pi t/2) cancels", 16, 0, 0.5, 0.1, 1, 1 - 0x1p-30, TRIGONOMETRIC, 0,
     false},
    {"one-step", "one Euler step", 16, 1, 0.5, 0.1, 1, 1, LINEAR, 0, false},
    {"two-steps", "two", 16, 2, 0.5, 0.1, 1, 0.5, LINEAR, 0, false},
    {"steps", "100 steps of the published size", 16, 100, 0.5, 0.1, 1, 1, LINEAR, 0, false},
    {"fine-steps", "1024 steps", 16, 1024, 0.5, 0.1, 1, 0.25, LINEAR, 0, false},
    {"trigonometric-steps", "64 Euler steps: M and E feel them too", 16, 64, 0.5, 0.1, 1, 1, TRIGONOMETRIC, 0, false},
    {"fresh", "fresh noise: xi drops out, mse is Bayes's at lambda = sigma^2", 16, 0, 0.5, 0.25, 1, 0.5, LINEAR,
     ASSAY_NOISE_FRESH, false},
    {"fresh-steps", "fresh noise, 64 steps", 16, 64, 0.5, 0.1, 1, 1, LINEAR, ASSAY_NOISE_FRESH, false},
    {"no-skip", "without skip connection: clusters collapse", 16, 0, 0.5, 0.1, 1, 0.5, LINEAR, 0, true},
    {"no-skip-steps", "the same in 64 steps", 16, 64, 0.5, 0.1, 1, 1, LINEAR, 0, true},
};
enum { ROWS = sizeof rows / sizeof *rows };

static const char *const names[] = {
#define NAME(name) #name,
    ASSAY_DAE_THEORY_FIELDS(NAME)
#undef NAME
};
enum { VALUES = sizeof names / sizeof *names };

static assay_dae_settings settings_of(const settings_row *row) {
  assay_dae_settings settings =
      assay_dae_settings_of(row->samples, assay_real_of(row->sigma), assay_real_of(row->lambda));
  settings.norm2 = assay_real_of(row->norm2);
  settings.schedule = row->schedule;
  settings.steps = row->steps;
  settings.noise = row->noise;
  settings.skip = !row->no_skip;
  return settings;
}

static assay_status compute(mpfi_ptr out, const void *self, long goal_bits, assay_context *context) {
  const settings_row *row = self;
  assay_dae_settings settings = settings_of(row);
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  assay_status status = assay_reference_dae_theory(&theory, &settings, assay_real_of(row->time), goal_bits, context);
  size_t i = 0;
#define DELIVER(name)                                                                                                  \
  if (!status) {                                                                                                       \
    mpfi_set_prec(&out[i], mpfi_get_prec(theory.name));                                                                \
    mpfi_set(&out[i++], theory.name);                                                                                  \
  }
  ASSAY_DAE_THEORY_FIELDS(DELIVER)
#undef DELIVER
  assay_dae_theory_clear(&theory);
  return status;
}

static void add_real(assay_text *text, const char *name, double value) {
  assay_text_format(text, "\"%s\": \"", name);
  vectors_add_hex(text, value);
  assay_text_add(text, "\", ");
}

static assay_status write_case(assay_text *text, vectors_flag_set *seen, const settings_row *row,
                               assay_context *context) {
  char id[96];
  (void)snprintf(id, sizeof id, "dae-theory/%s", row->name);
  vectors_value values[VALUES] = {0};
  assay_status status = vectors_values(values, VALUES, id, compute, row, context);
  if (status) return status;
  vectors_flag_set flags =
      vectors_flags_of_place((vectors_place){.time = row->time}, true) | vectors_flags_of_values(values, VALUES);
  *seen |= flags;
  assay_text_format(text, "  {\"id\": \"%s\", \"comment\": \"%s\", \"flags\": ", id, row->comment);
  vectors_add_flags(text, flags);
  assay_text_format(text, ",\n   \"schedule\": \"%s\", \"samples\": %zu, ", assay_schedule_name(row->schedule.kind),
                    row->samples);
  add_real(text, "sigma", row->sigma);
  add_real(text, "lambda", row->lambda);
  add_real(text, "norm2", row->norm2);
  add_real(text, "time", row->time);
  assay_text_format(text, "\"steps\": %zu, \"noise\": \"%s\", \"skip\": %s,\n   \"expected\": {", row->steps,
                    row->noise == ASSAY_NOISE_FRESH ? "fresh" : "fixed", row->no_skip ? "false" : "true");
  for (size_t i = 0; i < VALUES; i++) {
    assay_text_format(text, "%s\n    \"%s\": ", i ? "," : "", names[i]);
    vectors_add_value(text, &values[i]);
    vectors_value_clear(&values[i]);
  }
  assay_text_add(text, "}}");
  return ASSAY_OK;
}

assay_status vectors_dae_theory_file(assay_text *text, assay_context *context) {
  assay_text cases = {0};
  vectors_flag_set seen = 0;
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < ROWS; i++) {
    assay_text_add(&cases, i ? ",\n" : "");
    status = write_case(&cases, &seen, &rows[i], context);
  }
  if (!status) {
    vectors_begin_file(
        text, "dae-theory",
        "limits of flow-dae (arXiv:2310.03575) as d grows, n fixed: the keys of assay dae theory, flow_* "
        "at `time`, the rest at the flow's end; steps 0 is the ODE's exact solution, else Euler's",
        ROWS, seen);
    vectors_end_file(text, "cases", &cases);
  }
  assay_text_clear(&cases);
  return status;
}
