"""Makes metrics.txt: what scikit-learn and SciPy say of drawn logits, a line a quantity: its name, then its numbers.

    python make_metrics.py > metrics.txt        (scikit-learn 1.9.1)

Logits are float32, labels are unbalanced; class 6 is never predicted. The multi-label scores have two decimals, so that many
are equal.
"""

import warnings

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)


def say(name, *values):
    flat = np.concatenate([np.ravel(np.asarray(v, dtype=np.float64)) for v in values])
    print(name, *(repr(float(v)) for v in flat))


# ---- one class is right
n, classes = 400, 7
labels = rng.choice(classes, n, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.09, 0.01])
logits = 2.5 * rng.normal(size=(n, classes)) + 3 * np.eye(classes)[labels]
logits[:, 6] -= 12
logits = logits.astype(np.float32)
z = logits.astype(np.float64)
p = softmax(z, axis=1)
predicted = p.argmax(1)
every = np.arange(classes)
say("labels", labels)
say("logits", logits)
say("top1", m.accuracy_score(labels, predicted))
say("top5", m.top_k_accuracy_score(labels, p, k=5, labels=every))
say("loss", -log_softmax(z, axis=1)[np.arange(n), labels].mean())  # log_loss clips
say("confusion", m.confusion_matrix(labels, predicted, labels=every))
precision, recall, f1, support = m.precision_recall_fscore_support(labels, predicted, labels=every, zero_division=0)
say("precision", precision)
say("recall", recall)
say("f1", f1)
say("support", support)
for average in ("macro", "weighted"):
    say(average, m.precision_recall_fscore_support(labels, predicted, average=average, zero_division=0)[:3])
say("kappa", m.cohen_kappa_score(labels, predicted))
onehot = np.eye(classes, dtype=int)[labels]
say("roc_auc", m.roc_auc_score(onehot, p, average=None))
for average in ("macro", "weighted"):
    say("roc_auc_" + average, m.roc_auc_score(labels, p, multi_class="ovr", average=average))
    say("average_precision_" + average, m.average_precision_score(onehot, p, average=average))
say("average_precision", m.average_precision_score(onehot, p, average=None))
say("brier", np.mean(np.sum((p - onehot) ** 2, axis=1)))

confidence, right = p.max(1), (predicted == labels).astype(float)
bins = 15
true, said = calibration_curve(right, confidence, n_bins=bins)
count = np.histogram(confidence, np.linspace(0, 1, bins + 1))[0]
count = count[count > 0]
say("reliability_count", count)
say("reliability_accuracy", true)
say("reliability_confidence", said)
say("ece", np.sum(count / n * np.abs(true - said)))
say("mce", np.max(np.abs(true - said)))


def nll(log_t):
    return -np.mean(log_softmax(z / np.exp(log_t), axis=1)[np.arange(n), labels])


fit = minimize_scalar(nll, bounds=(-5, 5), method="bounded", options={"xatol": 1e-10})
say("temperature", np.exp(fit.x))
say("temperature_loss", fit.fun)

# ---- several classes at once
n, classes = 300, 5
present = rng.random((n, classes)) < [0.5, 0.3, 0.1, 0.05, 0.7]
scores = np.round(expit(1.5 * rng.normal(size=(n, classes)) + 1.5 * present - 1), 2)
thresholds = np.array([0.5, 0.4, 0.5, 0.3, 0.5])
decided = scores >= thresholds
say("ml_present", present)
say("ml_scores", scores)
say("ml_thresholds", thresholds)
say("ml_roc_auc", m.roc_auc_score(present, scores, average=None))
say("ml_roc_auc_macro", m.roc_auc_score(present, scores, average="macro"))
say("ml_average_precision", m.average_precision_score(present, scores, average=None))
say("ml_average_precision_macro", m.average_precision_score(present, scores, average="macro"))
for average in ("macro", "weighted", "micro"):
    say("ml_" + average, m.precision_recall_fscore_support(present, decided, average=average, zero_division=0)[:3])
say("ml_f1", m.f1_score(present, decided, average=None))
say("ml_exact", m.accuracy_score(present, decided))
say("ml_hamming", m.hamming_loss(present, decided))
say("ml_kappa", [m.cohen_kappa_score(present[:, c], decided[:, c]) for c in range(classes)])
best = []
for c in range(classes):
    precision, recall, _ = m.precision_recall_curve(present[:, c], scores[:, c])
    best.append(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300)))
say("ml_best_f1", best)
logits = np.round(3 * rng.normal(size=(n, classes)) + 2 * present - 1, 3)


def binary_nll(log_t):
    s = logits / np.exp(log_t)
    return np.mean(np.logaddexp(0, s) - present * s)


fit = minimize_scalar(binary_nll, bounds=(-5, 5), method="bounded", options={"xatol": 1e-10})
say("ml_logits", logits)
say("ml_temperature", np.exp(fit.x))
