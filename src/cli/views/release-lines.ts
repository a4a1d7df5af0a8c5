import type { Artifact } from '../../model/artifact.ts'
import type { Promotion } from '../../model/promotion.ts'
import { type Release, type Source, shortRelease } from '../../model/release.ts'
import type { Approval, Check } from '../../model/review.ts'
import type { ReleaseAnswer } from '../api/answers.ts'
import { formatBytes } from '../terminal/bytes.ts'
import { dateTime } from '../terminal/clock-time.ts'
import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { formatFacts, formatTable } from '../terminal/table.ts'
import type { View } from './promotion-lines.ts'

/** What a release is made of. */
export function contentLines(release: Release, style: Style): readonly string[] {
  const rows = Object.entries(release.artifacts).map(([service, artifact]) => [
    service,
    ...artifactCells(artifact),
  ])
  const secrets = new Set(Object.values(release.secrets).flatMap(byName => Object.keys(byName)))
  const facts = formatFacts(
    [
      ['made', `${dateTime(release.createdAt)} by ${release.author}`],
      ['source', sourceText(release.source)],
      ['environments', Object.keys(release.environments).join(', ')],
      ['secrets', secrets.size === 0 ? undefined : [...secrets].join(', ')],
    ],
    style,
  )
  return [
    style.strong(shortRelease(release.id)),
    ...facts,
    '',
    ...formatTable(['service', 'artifact', 'digest'], rows, style),
  ]
}

/** … and everything that was said of it, and where it went. */
export function releaseLines(release: ReleaseAnswer, { style, now }: View): readonly string[] {
  const sections = [
    section(['check', 'state', 'by', 'at', 'url'], release.checks.map(checkCells), style),
    section(
      ['for', 'kind', 'verdict', 'by', 'at', 'comment'],
      release.approvals.map(approval => approvalCells(approval, now)),
      style,
    ),
    section(['promotion', 'state', 'by', 'at'], release.promotions.map(promotionCells), style),
  ]
  return [...contentLines(release, style), ...sections.flat()]
}

/** `main 1b2c3d4e5f6a with changes` */
export function sourceText({ commit, branch, dirty }: Source): string {
  if (commit === undefined) return 'no commit'
  return [branch, commit.slice(0, 12), dirty ? 'with changes' : undefined].filter(Boolean).join(' ')
}

function artifactCells(artifact: Artifact): readonly [string, string] {
  const digest = artifact.digest.slice('sha256:'.length, 'sha256:'.length + 12)
  if (artifact.kind === 'bundle') return [`bundle ${formatBytes(artifact.bytes)}`, digest]
  return [`${artifact.repository}${artifact.tag === undefined ? '' : `:${artifact.tag}`}`, digest]
}

function section(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
): readonly string[] {
  return rows.length === 0 ? [] : ['', ...formatTable(titles, rows, style)]
}

function checkCells(check: Check): readonly string[] {
  return [check.name, check.state, check.by, dateTime(check.at), check.url ?? '']
}

function approvalCells(approval: Approval, now: number): readonly string[] {
  const over =
    approval.withdrawnAt === undefined ? (approval.expiresAt <= now ? ' (expired)' : '') : ' (withdrawn)'
  const { environment, kind, verdict, by, at, comment } = approval
  return [environment, kind, verdict + over, by, dateTime(at), oneLine(comment ?? '')]
}

function promotionCells({ id, state, by, createdAt }: Promotion): readonly string[] {
  return [id, state.phase === 'done' ? state.outcome : state.phase, by.name, dateTime(createdAt)]
}
