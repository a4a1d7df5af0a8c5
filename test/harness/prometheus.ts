import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type CommandResult, runCommand } from './command.ts'
import { createLeash } from './leash.ts'
import { needs } from './needs.ts'

/** Whether Prometheus's own tool is there, which checks rules and plays them against series. */
export const needsPromtool = (): boolean => needs('promtool', 'scripts/install-components.sh')

/** Runs promtool in a folder that has only these files, by name. Nothing is asked of any server. */
export async function promtool(
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandResult> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-prometheus-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return await runCommand('promtool', args, { folder })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What is measured: values by series, in the notation of promtool (`0+10x60`), one every 15 seconds. */
export type Measured = Readonly<Record<string, string>>

interface Moment {
  /** After the first measurement, such as `10m`. */
  readonly at: string
  /** PromQL. */
  readonly expr: string
  readonly gives: readonly Sample[]
}

interface Sample {
  /** Its name as well, as `__name__`. */
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Play {
  /** Text by name. */
  readonly rules: Readonly<Record<string, string>>
  readonly measured: Measured
  readonly moments: readonly Moment[]
}

/** Plays rules against series; gives what promtool found to be different, empty when nothing was. */
export async function playRules({ rules, measured, moments }: Play): Promise<string> {
  const test = {
    rule_files: Object.keys(rules),
    evaluation_interval: '30s',
    // Without an order promtool takes any, and results come a moment earlier or later.
    group_eval_order: Object.values(rules).flatMap(groupNames),
    tests: [
      {
        interval: '15s',
        input_series: Object.entries(measured).map(([series, values]) => ({ series, values })),
        promql_expr_test: moments.map(({ at, expr, gives }) => ({
          eval_time: at,
          expr,
          exp_samples: gives.map(({ labels, value }) => ({ labels: notation(labels), value })),
        })),
      },
    ],
  }
  const { code, stdout, stderr } = await promtool(
    // JSON is YAML.
    { ...rules, 'test.json': JSON.stringify(test) },
    'test',
    'rules',
    'test.json',
  )
  return code === 0 ? '' : `${stdout}${stderr}`
}

function groupNames(rules: string): readonly string[] {
  const { groups }: { groups: readonly { readonly name: string }[] } = parse(rules)
  return groups.map(({ name }) => name)
}

function notation(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `{${pairs.join(', ')}}`
}

export interface Prometheus {
  readonly url: string
  stop(): Promise<void>
}

/** Whether the server itself is there. */
export const needsPrometheus = (): boolean => needs('prometheus', 'scripts/install-components.sh')

/** A Prometheus of its own with this configuration, empty, on a free port of the loopback. */
export async function startPrometheus(configuration: object): Promise<Prometheus> {
  const leash = await createLeash('prometheus')
  const file = join(leash.folder, 'prometheus.yml')
  await writeFile(file, JSON.stringify(configuration))
  const server = leash.start({
    program: 'prometheus',
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(leash.folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
  })
  let url = ''
  await server.ready(async () => {
    const log = await readFile(join(leash.folder, 'prometheus.log'), 'utf8')
    const [, address] = /msg="Listening on" address=(\S+)/.exec(log) ?? []
    url = `http://${address}`
    return address !== undefined && (await fetch(`${url}/-/ready`)).ok
  }, 60)
  return { url, stop: () => leash.release() }
}
