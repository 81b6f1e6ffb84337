/* Orthogonal coordinates in the span of three vectors. */
#include "fast/flow_dae/frame.h"

#include <string.h>

dae_frame dae_frame_of(ball gram[FRAME][FRAME]) {
  dae_frame f;
  memset(&f, 0, sizeof f);
  for (size_t r = 0; r < FRAME; r++) {
    f.pivot[r] = gram[r][r];
    f.lower[r][r] = ball_exact(1);
    for (size_t c = 0; c < r; c++) {
      if (!f.kept[c]) continue;
      ball rest = gram[r][c];
      for (size_t k = 0; k < c; k++)
        rest = ball_sub(rest, ball_mul(ball_mul(f.lower[r][k], f.lower[c][k]), f.pivot[k]));
      f.lower[r][c] = ball_div(rest, f.pivot[c]);
      f.pivot[r] = ball_sub(f.pivot[r], ball_mul(ball_sqr(f.lower[r][c]), f.pivot[c]));
    }
    f.kept[r] = f.pivot[r].value > f.pivot[r].error;
    f.rank += f.kept[r];
  }
  return f;
}

void dae_frame_project(ball coordinates[FRAME], const dae_frame *frame, const ball products[FRAME]) {
  for (size_t r = 0; r < FRAME; r++) {
    coordinates[r] = ball_exact(0);
    if (!frame->kept[r]) continue;
    ball rest = products[r];
    for (size_t k = 0; k < r; k++)
      rest = ball_sub(rest, ball_mul(ball_mul(frame->lower[r][k], frame->pivot[k]), coordinates[k]));
    coordinates[r] = ball_div(rest, frame->pivot[r]);
  }
}

void dae_frame_coefficients(ball coefficients[FRAME], const dae_frame *frame, const ball coordinates[FRAME]) {
  for (size_t r = FRAME; r-- > 0;) {
    coefficients[r] = coordinates[r];
    for (size_t k = r + 1; k < FRAME; k++)
      if (frame->kept[k]) coefficients[r] = ball_sub(coefficients[r], ball_mul(frame->lower[k][r], coefficients[k]));
  }
}

ball dae_frame_square(const dae_frame *frame, const ball coordinates[FRAME]) {
  ball sum = ball_exact(0);
  for (size_t r = 0; r < FRAME; r++)
    if (frame->kept[r]) sum = ball_add(sum, ball_mul(frame->pivot[r], ball_sqr(coordinates[r])));
  return sum;
}
