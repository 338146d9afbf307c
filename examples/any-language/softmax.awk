# Reads rows of numbers whose last column is the class (0, 1, 2). Every fourth row is for validation.
BEGIN { FS = ","; classes = 3; epochs = 60; srand(1) }

NR > 1 {
    rows++
    columns = NF - 1
    for (i = 1; i <= columns; i++) x[rows, i] = $i
    label[rows] = $NF
    if (rows % 4) order[++training] = rows
}

END {
    standardise()
    for (epoch = 1; epoch <= epochs; epoch++) {
        shuffle()
        for (k = 1; k <= training; k++) learn(order[k])
        if (epoch % 5 == 0) report()
    }
}

function standardise(    i, k, r, mean, variance) {
    for (i = 1; i <= columns; i++) {
        mean = variance = 0
        for (k = 1; k <= training; k++) mean += x[order[k], i] / training
        for (k = 1; k <= training; k++) variance += (x[order[k], i] - mean) ^ 2 / training
        for (r = 1; r <= rows; r++) x[r, i] = (x[r, i] - mean) / sqrt(variance)
    }
    for (r = 1; r <= rows; r++) x[r, 0] = 1
}

function shuffle(    k, other, kept) {
    for (k = training; k > 1; k--) {
        other = int(rand() * k) + 1
        kept = order[k]; order[k] = order[other]; order[other] = kept
    }
}

# Fills p[0..classes-1] with the probabilities of row r.
function predict(r,    c, i, most, sum) {
    most = -1e300
    for (c = 0; c < classes; c++) {
        p[c] = 0
        for (i = 0; i <= columns; i++) p[c] += w[c, i] * x[r, i]
        if (p[c] > most) most = p[c]
    }
    for (c = 0; c < classes; c++) {
        p[c] = exp(p[c] - most)
        sum += p[c]
    }
    for (c = 0; c < classes; c++) p[c] /= sum
}

function learn(r,    c, i, slope) {
    predict(r)
    for (c = 0; c < classes; c++) {
        slope = p[c] - (label[r] == c)
        for (i = 0; i <= columns; i++) {
            v[c, i] = momentum * v[c, i] + slope * x[r, i] + (i ? l2 * w[c, i] : 0)
            w[c, i] -= rate * v[c, i]
        }
    }
}

function report(    r, c, best, loss, wrong, seen) {
    for (r = 4; r <= rows; r += 4) {
        predict(r)
        best = 0
        for (c = 1; c < classes; c++) if (p[c] > p[best]) best = c
        wrong += best != label[r]
        loss -= log(p[label[r]] + 1e-12)
        seen++
    }
    printf "{\"step\": %d, \"val_loss\": %.6f, \"val_error\": %.4f}\n", epoch, loss / seen, wrong / seen
    fflush()
}
