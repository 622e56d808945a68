#!/bin/bash
# A network trained on CIFAR-10, fine-tuned to Fashion-MNIST with 100 pictures a class, against the same network from
# scratch, once a seed: run.sh CHECKPOINT WORK [FASHION_MNIST]. A seed draws training pictures, new weights and order of
# both sides. What is done already is not done again. Summary on standard output and in WORK/results.csv.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
densenet=${DENSENET:-$root/densenet}
checkpoint=$1
work=$2
fashion=${3:-/usr/share/datasets/fashion-mnist}
seeds=${SEEDS:-1 2 3 4 5}

mkdir -p "$work"
[ -d "$work/data/test" ] || java "$here/Prepare.java" "$fashion" "$work/data" $seeds

# one NAME SEED OPTION...: trains one network and judges the last weights by the 10,000 test pictures.
one() {
  name=$1
  seed=$2
  shift 2
  run=$work/$name-$seed
  if [ ! -f "$run.json" ]; then
    rm -rf "$run"
    "$densenet" train --data "$work/data/$seed" --recipe finetune --seed "$seed" --out "$run" "$@" > "$run.log"
    "$densenet" eval --model "$run/last.safetensors" --data "$work/data/test" --json > "$run.json.part"
    mv "$run.json.part" "$run.json"
  fi
  top1=$(grep -o '"top1":[0-9.]*' "$run.json" | head -1 | cut -d: -f2)
  echo "$name,$seed,$top1" | tee -a "$work/results.csv"
}

echo "side,seed,test_top1" > "$work/results.csv"
for seed in $seeds; do
  one finetuned "$seed" --weights "$checkpoint" --epochs 6 --lr 0.05 --rates stem..last=0.4
  one scratch "$seed" --arch cifar-bc-100-12 --channels 3 --size 32 --rates none --lr 0.1 --epochs 18
done

awk -F, 'NR > 1 { n[$1]++; sum[$1] += $3; squares[$1] += $3 * $3 }
  END {
    for (side in n) {
      mean = sum[side] / n[side]
      deviation = n[side] > 1 ? sqrt((squares[side] - n[side] * mean * mean) / (n[side] - 1)) : 0
      printf "%s: mean %.4f, standard deviation %.4f of %d\n", side, mean, deviation, n[side]
    }
  }' "$work/results.csv" | sort
