/* assay/assay.h: all of Assay's public interface. */
#ifndef ASSAY_ASSAY_H
#define ASSAY_ASSAY_H

#include <assay/check.h>
#include <assay/fast.h>
#include <assay/gmm_em.h>
#include <assay/gmm_fast.h>
#include <assay/gmm_reference.h>
#include <assay/model.h>
#include <assay/reference.h>
#include <assay/samples.h>
#include <assay/theory.h>
#include <assay/variation.h>
#include <assay/vectors.h>

#endif
