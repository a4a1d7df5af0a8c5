import { describe, expect, it } from 'vitest'
import { inputOf } from '../../testing/render-input.ts'
import { SERIES } from '../series.ts'
import { watchedEnvironments } from '../watched-environment.ts'
import { dashboard, dashboardUid } from './dashboard.ts'

const { blueprint } = inputOf(`
project: shop
services: { web: { build: ./web }, api: { build: ./api } }
monitoring: { prometheus: 'http://p:9090' }
environments: { staging: { target: kubernetes }, prod: { target: kubernetes } }
`)

interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: Place
  readonly datasource?: unknown
  readonly fieldConfig?: { readonly overrides: readonly unknown[] }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly datasource: unknown
  }[]
}

interface Dashboard {
  readonly uid: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown>>[] }
  readonly annotations: { readonly list: readonly { readonly datasource: unknown; readonly expr: string }[] }
}

const SHOWN: Dashboard = JSON.parse(JSON.stringify(dashboard('shop', watchedEnvironments(blueprint))))

const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

describe('the dashboard', () => {
  it('gives every panel an id of its own and a place in the grid that no other has', () => {
    const { panels } = SHOWN
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    for (const { gridPos, title } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      const others = panels.filter(other => other.gridPos !== gridPos)
      expect(
        others.filter(other => overlap(other.gridPos, gridPos)),
        title,
      ).toEqual([])
    }
  })

  it('has charts of traffic, errors, latency, instances, CPU and memory, and autoscaling', () => {
    expect(SHOWN.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'Traffic by color',
      'Errors by color',
      'Latency by color',
      'Instances by color',
      'CPU and memory by color',
      'Autoscaling',
    ])
  })

  it('asks whichever Prometheus the reader chose', () => {
    const charts = SHOWN.panels.filter(({ type }) => type !== 'row')
    const sources = [
      ...charts.flatMap(({ datasource, targets = [] }) => [
        datasource,
        ...targets.map(each => each.datasource),
      ]),
      ...SHOWN.annotations.list.map(({ datasource }) => datasource),
    ]
    expect(new Set(sources.map(source => JSON.stringify(source)))).toEqual(
      new Set(['{"type":"prometheus","uid":"$datasource"}']),
    )
  })

  it('reads only what the rules record, of the environment and services that are chosen', () => {
    const queries = SHOWN.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    const read = queries.flatMap(expr => expr.match(/[a-z_]+:\w+:\w+/g) ?? [])
    expect(new Set(read)).toEqual(new Set(Object.values(SERIES).filter(name => name !== SERIES.deployed)))
    for (const expr of queries)
      expect(expr).toContain('{project="shop",environment="$environment",service=~"$service"')
  })

  it('shows production first, every service and both colors', () => {
    const chosen = SHOWN.templating.list.map(({ name, query, current }) => ({ name, query, current }))
    expect(chosen).toEqual([
      { name: 'datasource', query: 'prometheus', current: undefined },
      { name: 'environment', query: 'staging,prod', current: { text: 'prod', value: 'prod' } },
      { name: 'service', query: 'api,web', current: { text: ['All'], value: ['$__all'] } },
      { name: 'color', query: 'blue,green', current: { text: ['All'], value: ['$__all'] } },
    ])
  })

  it('marks when instances were made, while users move and what fires', () => {
    expect(SHOWN.annotations.list).toMatchObject([
      { name: 'Deployments', useValueForTime: true },
      { name: 'Rollouts' },
      { name: 'Alerts' },
    ])
  })

  it('keeps its uid, so that importing it again replaces it', () => {
    expect(SHOWN.uid).toBe(dashboardUid('shop'))
    expect(SHOWN.uid).toMatch(/^sluice-[0-9a-f]{16}$/)
    expect(dashboardUid('shop')).not.toBe(dashboardUid('shop2'))
  })
})
