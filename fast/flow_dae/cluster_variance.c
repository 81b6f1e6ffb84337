/* P^2 of the exact flow from one pass over the training set. */
#include "fast/flow_dae/label_solution.h"

assay_status assay_fast_dae_cluster_variance(assay_bounded *out, const assay_dae_data *data,
                                             const assay_dae_settings *settings, assay_context *context) {
  assay_status status = dae_check_training(data, settings, context);
  if (status) return status;
  dae_gram gram = {0};
  status = dae_gram_init(&gram, NULL, NULL, data, 0, context);
  if (status) return status;
  dae_metric metric = dae_metric_of(&gram, settings);
  ball variance = settings->skip ? ball_div(metric.a11, metric.a00) : ball_exact(0);
  dae_gram_clear(&gram);
  if (!isfinite(variance.error))
    return assay_fail(context, ASSAY_PRECISION, "noise: rounding cannot tell its spread from 0");
  *out = variance;
  return ASSAY_OK;
}
