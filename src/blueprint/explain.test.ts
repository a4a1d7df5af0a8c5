import { describe, expect, it } from 'vitest'
import { blueprintOf } from './blueprint.fixture.ts'
import { explain } from './explain.ts'

const blueprint = blueprintOf(`project: shop
target: local
services:
  web:
    build: ./web
    grace: 20s
    config: { LOG_LEVEL: info }
environments:
  dev: {}
  prod:
    gate: { soak: 30m }
    defaults: { cpu: 2048, config: { LOG_LEVEL: error } }
    services:
      web: { grace: 1m }
`)

function row(path: string) {
  const explained = explain(blueprint, path)
  if (!explained.ok) throw new Error(`${explained.what}; ${explained.remedy}`)
  return explained.fields
}

describe('the explanation of a field', () => {
  it('shows every environment, and where each value came from', () => {
    expect(row('services.web.grace')).toEqual([
      {
        path: 'services.web.grace',
        environments: {
          dev: { value: 20, text: '20s', from: 'service', at: 'sluice.yaml:6:5' },
          prod: { value: 60, text: '1m', from: 'override', at: 'sluice.yaml:14:14' },
        },
      },
    ])
    expect(row('services.web.cpu')[0]?.environments).toEqual({
      dev: { value: 256, text: '256', from: 'tier default' },
      prod: { value: 2048, text: '2048', from: 'environment', at: 'sluice.yaml:12:17' },
    })
    expect(row('services.web.port')[0]?.environments['dev']).toEqual({
      value: 3000,
      text: '3000',
      from: 'default',
    })
  })

  it('shows what follows from other fields as a default', () => {
    expect(row('services.web.memory')[0]?.environments['prod']).toEqual({
      value: 4096,
      text: '4096',
      from: 'default',
    })
    expect(row('services.web.rollout.steps')[0]?.environments['dev']).toEqual({
      value: [
        { percent: 20, bake: 0 },
        { percent: 100, bake: 0 },
      ],
      text: '[{percent: 20, bake: 0}, {percent: 100, bake: 0}]',
      from: 'default',
    })
  })

  it('lists every field below a path', () => {
    const paths = row('services.web').map(({ path }) => path)
    expect(paths).toContain('services.web.config.LOG_LEVEL')
    expect(paths).toContain('services.web.rollout.analysis.comparison.maxP95Ratio')
    expect(paths.length).toBeGreaterThan(30)
  })

  it('takes an environment’s own word on a service for the field itself', () => {
    expect(row('environments.prod.services.web.grace')).toEqual(row('services.web.grace'))
  })

  it('shows fields of environments, of the project, and those that belong to none', () => {
    expect(row('environments.prod.gate.soak')[0]).toEqual({
      path: 'gate.soak',
      environments: {
        dev: { value: 0, text: '0s', from: 'default' },
        prod: { value: 1800, text: '30m', from: 'environment', at: 'sluice.yaml:11:13' },
      },
    })
    expect(row('target')[0]?.environments['dev']).toEqual({
      value: 'local',
      text: 'local',
      from: 'project',
      at: 'sluice.yaml:2:1',
    })
    expect(row('services.web.build.context')[0]?.environments['dev']).toMatchObject({
      value: './web',
      at: 'sluice.yaml:5:5',
    })
    expect(row('project')[0]?.environments['prod']).toMatchObject({ value: 'shop', at: 'sluice.yaml:1:1' })
  })

  it.each([
    ['services.web.replica', 'services.web has no replica', 'did you mean replicas?'],
    ['services.wbe.port', 'services has no wbe', 'did you mean web?'],
    ['environment.prod', 'the blueprint has no environment', 'did you mean environments?'],
    ['environments.prod.gate.sok', 'environments.prod.gate has no sok', 'did you mean soak?'],
    ['environments.prod.services.wbe', 'environments.prod.services has no wbe', 'did you mean web?'],
    ['services..web', 'services..web is no path', 'write one such as services.web.replicas'],
    ['', ' is no path', 'write one such as services.web.replicas'],
  ])('says what %j was probably meant to be', (path, what, remedy) => {
    expect(explain(blueprint, path)).toEqual({ ok: false, what, remedy })
  })
})
