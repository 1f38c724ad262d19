// A minute of libFuzzer for every target: node run.mjs FUZZER CORPUS WORK [SECONDS]
//
// Two run at once. New inputs stay in WORK; what crashed is printed with the path of
// the input, to be kept in the corpus once it is mended. The last line is a sum.
import {spawn} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import path from 'node:path';

const [fuzzer, corpus, work, seconds = '60'] = process.argv.slice(2);
if (!work || !existsSync(fuzzer)) {
  console.error('usage: node run.mjs FUZZER CORPUS WORK [SECONDS]');
  process.exit(2);
}
const targets = readdirSync(corpus).sort();
let passed = 0;
let failed = 0;

function run(target) {
  const folder = path.join(work, target);
  mkdirSync(folder, {recursive: true});
  const args = [
    folder, path.join(corpus, target), `-max_total_time=${seconds}`, '-timeout=20', '-rss_limit_mb=2048',
    `-artifact_prefix=${folder}-`, '-print_final_stats=1', '-verbosity=1'
  ];
  return new Promise((resolve) => {
    const child =
        spawn(fuzzer, args, {env: {...process.env, DRYDOCK_FUZZ_TARGET: target}, stdio: ['ignore', 'ignore', 'pipe']});
    let log = '';
    child.stderr.on('data', (bytes) => (log = (log + bytes).slice(-200_000)));
    child.on('exit', (code) => {
      const runs = log.match(/stat::number_of_executed_units: (\d+)/)?.[1] ?? '0';
      const edges = [...log.matchAll(/cov: (\d+)/g)].at(-1)?.[1] ?? '?';
      if (code === 0 && Number(runs) > 0) {
        ++passed;
        console.log(`fuzz ${target.padEnd(12)} ${runs.padStart(9)} inputs, ${edges} edges: nothing found`);
      } else {
        ++failed;
        console.log(`fuzz ${target}: FAILED\n${log.slice(-6000)}`);
      }
      resolve();
    });
  });
}

const waiting = [...targets];
await Promise.all(Array.from({length: Math.min(2, availableParallelism())}, async () => {
  for (let target = waiting.shift(); target; target = waiting.shift()) await run(target);
}));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
