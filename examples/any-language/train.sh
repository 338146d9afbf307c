#!/bin/sh
# A trainer without Python: softmax regression on 178 wines of 3 cultivars, in awk.
# usage: train.sh LEARNING_RATE MOMENTUM L2      prints one JSON line every five epochs
# wine.csv: Aeberhard and Forina, Wine, UCI Machine Learning Repository, 1992, doi 10.24432/C5PC7J, CC BY 4.0.
exec awk -v rate="$1" -v momentum="$2" -v l2="$3" -f "$(dirname "$0")/softmax.awk" "$(dirname "$0")/wine.csv"
