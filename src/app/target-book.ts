import { existsSync } from 'node:fs'
import type { MetricSource } from '../analysis/metric-source.ts'
import { type ResolvedEnvironment, resolveBlueprint } from '../blueprint/resolve-blueprint.ts'
import { resolveEnvironments } from '../blueprint/resolve-service.ts'
import type { LocalTarget } from '../targets/local/local-target.ts'
import { type ServiceRef, type Target, TargetUnavailable } from '../targets/target.ts'
import { lateTarget, type OpenTarget } from './late-target.ts'
import type { ReadPolicy } from './policy-in-force.ts'

/** Where every environment runs. */
export interface TargetBook {
  targetOf(environment: string): Target
  metricsOf(environment: string): MetricSource
  /** Calls back whenever a target saw something happen to a service; returns how to stop. */
  watch(listener: (service: ServiceRef) => void): () => void
  /** Makes ready what the blueprint's environments need; tells where users reach each, where that is known. */
  adopt(read: ReadPolicy): Promise<Readonly<Record<string, string>>>
  close(): Promise<void>
}

export interface OpenedLocal {
  readonly target: LocalTarget
  close(): Promise<void>
}

export interface TargetBookParts {
  /** The local target's own folder: where it is, something may run. */
  readonly localFolder: string
  readonly openLocal: () => Promise<OpenedLocal>
  /** `key` changes where the environment has to be opened anew. */
  readonly kubernetes: (
    read: ReadPolicy,
    environment: ResolvedEnvironment,
  ) => { readonly key: string; readonly open: () => Promise<OpenTarget> }
}

interface Entry {
  readonly key: string
  readonly opened: OpenTarget
}

export function createTargetBook(parts: TargetBookParts): TargetBook {
  /** Environments that are not local; one that left the blueprint stays, for its rollouts may still be open. */
  const entries = new Map<string, Entry>()
  const watchers = new Map<(service: ServiceRef) => void, Map<OpenTarget, () => void>>()
  const localNames = new Set<string>()
  let local: (OpenTarget & { readonly target: LocalTarget }) | undefined

  const of = (environment: string): OpenTarget => {
    const entry = entries.get(environment)
    if (entry !== undefined) return entry.opened
    // One that left the blueprint before this process began may have run anywhere: nobody acts on it by mistake.
    if (local === undefined || (entries.size > 0 && !localNames.has(environment)))
      throw new TargetUnavailable(`the blueprint does not say where ${environment} runs`)
    return local
  }
  const watchAll = (listener: (service: ServiceRef) => void, opened: OpenTarget): void => {
    watchers.get(listener)?.set(opened, opened.target.watch(listener))
  }
  const put = (name: string, entry: Entry): OpenTarget | undefined => {
    const before = entries.get(name)?.opened
    entries.set(name, entry)
    for (const listener of watchers.keys()) watchAll(listener, entry.opened)
    return before
  }
  /** Nobody waits for it: it may hang on whatever was wrong with it. */
  const letGo = (opened: OpenTarget | undefined): void => {
    if (opened === undefined) return
    for (const stops of watchers.values()) {
      stops.get(opened)?.()
      stops.delete(opened)
    }
    opened.close().catch(() => undefined)
  }
  const openLocal = async () => {
    const { target, close } = await parts.openLocal()
    const opened = { target, metrics: target, close }
    for (const listener of watchers.keys()) watchAll(listener, opened)
    return opened
  }
  const adoptLocal = async (read: ReadPolicy): Promise<Readonly<Record<string, string>>> => {
    const wanted = read.policy.environments.some(({ target }) => target === 'local')
    if (!wanted && !existsSync(parts.localFolder)) return {}
    local ??= await openLocal()
    const services = Object.entries(resolveEnvironments(read.blueprint)).map(
      ([name, byService]) => [name, Object.keys(byService)] as const,
    )
    const addresses = await local.target.ensureEnvironments(read.policy, Object.fromEntries(services))
    return Object.fromEntries(Object.entries(addresses).map(([name, { address }]) => [name, address]))
  }
  return {
    targetOf: environment => of(environment).target,
    metricsOf: environment => of(environment).metrics,
    watch(listener) {
      watchers.set(listener, new Map())
      if (local !== undefined) watchAll(listener, local)
      for (const { opened } of entries.values()) watchAll(listener, opened)
      return () => {
        for (const stop of watchers.get(listener)?.values() ?? []) stop()
        watchers.delete(listener)
      }
    },
    async adopt(read) {
      const addresses = new Map(Object.entries(await adoptLocal(read)))
      for (const environment of resolveBlueprint(read.blueprint).environments) {
        const { name, settings } = environment
        if (settings.target === 'local') {
          localNames.add(name)
          letGo(entries.get(name)?.opened)
          entries.delete(name)
          continue
        }
        if (settings.dns?.host !== undefined) addresses.set(name, `https://${settings.dns.host}`)
        const { key, open } = parts.kubernetes(read, environment)
        if (entries.get(name)?.key === key) continue
        letGo(put(name, { key, opened: lateTarget(open) }))
      }
      return Object.fromEntries(addresses)
    },
    async close() {
      await Promise.allSettled([...entries.values()].map(({ opened }) => opened.close()))
      await local?.close()
    },
  }
}
