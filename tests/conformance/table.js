// The table of both servers: one row per section of the reference, and below it what failed and what differs on purpose.

import { differences } from './differences.js';

const marks = / \[differs: (\w+)\]$/;

/** Prints `runs`, ours first and theirs second. */
export function printTable([ours, theirs]) {
  const sections = groups(ours.cases);
  const rows = [...sections.keys()].map((section) => row(section, sections.get(section), theirs.cases));
  console.log('\nsection                          cases   ours pass   theirs pass   differing on purpose');
  [...rows, total(rows)].forEach(({ section, cases, mine, other, differing }) => {
    const numbers = [[cases, 6], [mine, 12], [other, 14], [differing, 23]];
    console.log(section.padEnd(32) + numbers.map(([number, width]) => String(number).padStart(width)).join(''));
  });
  for (const run of [ours, theirs]) {
    const failed = run.cases.filter(({ passed }) => !passed);
    console.log(`\nfailing on ${run.kind}: ${failed.length || 'none'}`);
    failed.forEach(({ file, case: name }) => console.log(`  ${file}: ${name}`));
  }
  console.log('\ndiffering on purpose:');
  Object.entries(differences).forEach(([name, { reason }]) => console.log(`  ${name}: ${reason}`));
}

function groups(cases) {
  const sections = new Map();
  for (const one of cases) {
    const section = one.file.replace('.test.js', '');
    sections.set(section, [...(sections.get(section) ?? []), one]);
  }
  return sections;
}

function row(section, cases, others) {
  const passing = (list) => list.filter(({ passed }) => passed).length;
  const theirs = others.filter(({ file }) => file === cases[0].file);
  const differing = cases.filter(({ case: name }) => marks.test(name)).length;
  return { section, cases: cases.length, mine: passing(cases), other: passing(theirs), differing };
}

function total(rows) {
  const sum = (column) => rows.reduce((before, one) => before + one[column], 0);
  return { section: 'all', cases: sum('cases'), mine: sum('mine'), other: sum('other'), differing: sum('differing') };
}
