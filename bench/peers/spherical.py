"""EM for spherical components by scikit-learn's GaussianMixture.fit, from a given start, as many iterations as passes:
no tolerance, nothing added to variances."""
import warnings

import numpy as np

from driver import Arguments, fill

ROWS, DIMENSION, COMPONENTS = 100000, 5, 8


def inputs(arguments):
    """Rows, and weights, means, variances to start from."""
    if arguments.tiny:
        printed = arguments.printed
        _, n, _ = map(int, printed["shape"][0])
        return (printed["x"][0].reshape(-1, n), np.array(printed["first_weight"])[:, 0], np.array(printed["first_mean"]),
                np.array(printed["first_variance"])[:, 0])
    x = 3 * fill(ROWS * DIMENSION, 1).reshape(ROWS, DIMENSION)
    return x, np.full(COMPONENTS, 1 / COMPONENTS), x[:COMPONENTS], np.full(COMPONENTS, 3.0)


def main():
    from sklearn.mixture import GaussianMixture
    arguments = Arguments(("sklearn",))
    x, weights, means, variances = inputs(arguments)
    model = GaussianMixture(len(weights), covariance_type="spherical", tol=0, reg_covar=0, max_iter=arguments.passes,
                            init_params="random_from_data", weights_init=weights, means_init=means,
                            precisions_init=1 / variances, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it did not converge
        model.fit(x)
    if model.n_iter_ != arguments.passes:
        raise SystemExit(f"EM ended after {model.n_iter_} iterations")
    for weight, mean, variance in zip(model.weights_, model.means_, model.covariances_):
        arguments.show("weight", weight)
        arguments.show("mean", mean)
        arguments.show("variance", variance)


if __name__ == "__main__":
    main()
