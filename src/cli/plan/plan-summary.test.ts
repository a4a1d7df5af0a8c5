import { describe, expect, it } from 'vitest'
import { PLAIN } from '../terminal/style.ts'
import { planLines } from '../views/plan-lines.ts'
import { parsePlan, type ResourceChange, type TerraformPlan } from './plan-json.ts'
import { summarizePlan } from './plan-summary.ts'

function changed(
  type: string,
  change: Partial<ResourceChange['change']>,
  more: Partial<Omit<ResourceChange, 'change'>> = {},
): ResourceChange {
  const none = { before: {}, after: {}, after_unknown: {}, before_sensitive: {}, after_sensitive: {} }
  return {
    address: `${type}.this`,
    mode: 'managed',
    type,
    change: { actions: ['update'], ...none, ...change },
    ...more,
  }
}

const planOf = (...changes: readonly ResourceChange[]): TerraformPlan => ({
  format_version: '1.2',
  resource_changes: [...changes],
  resource_drift: [],
})

const linesOf = (plan: TerraformPlan, accepted: readonly string[] = []) =>
  planLines(summarizePlan(plan, accepted), { root: 'prod', style: PLAIN })

/** As Terraform 1.11 with hashicorp/aws 6 writes it: the volume of a database was not encrypted, and now is. */
const REPLACED_DATABASE = changed(
  'aws_db_instance',
  {
    actions: ['delete', 'create'],
    before: { storage_encrypted: false, instance_class: 'db.t4g.micro', password: 'hunter22' },
    after: { storage_encrypted: true, instance_class: 'db.t4g.micro', password: 'hunter22' },
    after_unknown: { address: true },
    replace_paths: [['storage_encrypted']],
  },
  { address: 'module.database[0].aws_db_instance.this', action_reason: 'replace_because_cannot_update' },
)

describe('what a plan would do', () => {
  it('counts what is created by kind, in words, the most numerous first', () => {
    const create = (type: string, index: number) =>
      changed(type, { actions: ['create'], before: null, after: {} }, { address: `${type}.this[${index}]` })
    const plan = planOf(
      create('aws_lb_target_group', 0),
      ...[0, 1, 2].map(index => create('aws_subnet', index)),
      create('aws_iam_policy', 0),
      create('aws_iam_policy', 1),
    )
    expect(linesOf(plan)).toEqual([
      'prod: 6 to create',
      '',
      'Would be created',
      '  3 subnets',
      '  2 IAM policies',
      '  1 load balancer target group',
    ])
  })

  it('says what is changed, and what is known only afterwards', () => {
    const plan = planOf(
      changed('aws_ecs_service', {
        before: { desired_count: 1, tags: { team: 'a' }, ports: [80, 81] },
        after: { desired_count: 3, tags: {}, ports: [80, 82] },
        after_unknown: { id: true },
      }),
    )
    expect(linesOf(plan)).toEqual([
      'prod: 1 to change',
      '',
      'Would be changed',
      '  aws_ecs_service.this',
      '    desired_count: 1 → 3',
      '    tags.team: a → (none)',
      '    ports[1]: 81 → 82',
      '    id: (none) → (known after apply)',
    ])
  })

  it('names what forces a replacement, and holds up a stop sign for the database', () => {
    const lines = linesOf(planOf(REPLACED_DATABASE))
    expect(lines.slice(0, 5)).toEqual([
      'prod: 1 to replace',
      '',
      'Would be replaced',
      '  module.database[0].aws_db_instance.this (it cannot be changed in place)',
      '    because of storage_encrypted: false → true',
    ])
    expect(lines).toContain('⛔ Stop: data would be lost')
    expect(lines).toContain(
      '  module.database[0].aws_db_instance.this: the database with everything in it would be gone: a new, empty one takes its place',
    )
    expect(lines.at(-1)).toBe("  sluice plan prod --accept-loss 'module.database[0].aws_db_instance.this'")
  })

  it('stops no more for a loss that somebody accepted', () => {
    const accepted = ['module.database[0].aws_db_instance.this']
    const summary = summarizePlan(planOf(REPLACED_DATABASE), accepted)
    expect(summary.stop).toEqual([])
    expect(linesOf(planOf(REPLACED_DATABASE), accepted).at(-1)).toContain('accepted: module.database[0]')
  })

  it.each([
    'aws_s3_bucket',
    'aws_secretsmanager_secret',
    'aws_kms_key',
    'aws_ebs_volume',
    'aws_efs_file_system',
    'aws_ecr_repository',
    'aws_ebs_snapshot',
    'aws_backup_vault',
    'aws_cloudwatch_log_group',
    'aws_rds_cluster',
  ])('stops where %s is destroyed, and not where it is made or changed', type => {
    const stops = (actions: string[]) => summarizePlan(planOf(changed(type, { actions }))).stop.length
    expect(stops(['delete'])).toBe(1)
    expect(stops(['create', 'delete'])).toBe(1)
    expect(stops(['create'])).toBe(0)
    expect(stops(['update'])).toBe(0)
    expect(stops(['forget'])).toBe(0)
  })

  it.each([
    [{ deletion_protection: true }, { deletion_protection: false }, 'protection from deletion would be off'],
    [{ force_destroy: false }, { force_destroy: true }, 'force_destroy would be on'],
    [{ retention_in_days: 0 }, { retention_in_days: 7 }, 'logs older than 7 days would be gone'],
    [
      { backup_retention_period: 30 },
      { backup_retention_period: 0 },
      'backups older than 0 days would be gone',
    ],
  ])('stops where %o becomes %o', (before, after, words) => {
    const found = summarizePlan(planOf(changed('aws_db_instance', { before, after })))
    expect(found.stop[0]?.loss).toContain(words)
    const back = summarizePlan(planOf(changed('aws_db_instance', { before: after, after: before })))
    expect(back.stop).toEqual([])
  })

  it('never shows what is secret: marked, by its name, or the same text in another place', () => {
    const plan = planOf(
      changed('aws_thing', {
        before: { key: 'aaaaaa', db_password: 'bbbbbb', url: 'x://aaaaaa@host', nested: { deep: 'cccccc' } },
        after: { key: 'dddddd', db_password: 'eeeeee', url: 'x://dddddd@host', nested: { deep: 'ffffff' } },
        before_sensitive: { key: true, nested: { deep: true } },
        after_sensitive: { key: true, nested: true },
      }),
    )
    const text = JSON.stringify(summarizePlan(plan)) + linesOf(plan).join('\n')
    expect(text).not.toMatch(/aaaaaa|bbbbbb|cccccc|dddddd|eeeeee|ffffff/)
    expect(text).toContain('key: (sensitive) → (sensitive)')
  })

  it('tells what somebody changed without Terraform, and says nothing of what is read or stays', () => {
    const plan = {
      ...planOf(
        changed('aws_vpc', { actions: ['no-op'] }),
        changed('aws_ami', { actions: ['read'] }, { mode: 'data' }),
      ),
      resource_drift: [changed('aws_security_group', { actions: ['update'] })],
    }
    expect(linesOf(plan)).toEqual([
      'prod: nothing would change',
      '',
      'Changed by somebody else since Terraform last looked',
      '  aws_security_group.this',
    ])
  })

  it('refuses an action and a format that it does not know', () => {
    expect(() => summarizePlan(planOf(changed('aws_vpc', { actions: ['teleport'] })))).toThrow('teleport')
    expect(parsePlan('{"format_version":"2.0"}')).toBeUndefined()
    expect(parsePlan('{"format_version":"1.9"}')).toMatchObject({ resource_changes: [] })
  })
})
