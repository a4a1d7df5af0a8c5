import type { Probe } from '../../model/service-spec.ts'
import type { BuildFacts } from './build-facts.ts'

/** All that a Dockerfile is rendered from. */
export interface ImageRecipe<Build extends BuildFacts = BuildFacts> {
  /** The first line, without the sign of a comment. */
  readonly header: string
  readonly build: Build
  /** As the blueprint gives it. */
  readonly base?: string
  /** The stage that is released. */
  readonly target: string
  readonly command?: readonly string[]
  readonly port: number
  readonly liveness: Probe
}

/** By number: Kubernetes can tell that it is not root (`runAsNonRoot`). It is the user `node` of the official images. */
export const USER = '1000:1000'

export const WORK_FOLDER = '/app'

/** What a container says of itself; the service listens where others reach it. */
export function listening(port: number): string {
  return `HOST=0.0.0.0 PORT=${port}`
}
