import type { Chart } from '#core/request/insight'
import { renderPng } from './svg-to-png.ts'

/** Size of the chart in points. It is rendered at two pixels per point, for phone displays. */
const width = 640
const height = 260

/** Maximum length of a title, in characters. */
const maxTitleLength = 70

// The same image is used in dark and light chats, so it has an opaque light background.
const colours = {
  ground: '#f8fafc',
  text: '#1e293b',
  quiet: '#64748b',
  grid: '#e2e8f0',
  line: '#2563eb',
  lost: '#b91c1c',
}

/**
 * Renders a chart as PNG, 1280 × 520 pixels. Loads the rendering libraries with the first chart, so that a worker that
 * never draws one doesn't load them. Missing values are gaps in the line, marked on the x axis.
 */
export async function chartPng(chart: Chart): Promise<Uint8Array> {
  return renderPng(await chartSvg(chart), width, colours.ground)
}

async function chartSvg(chart: Chart): Promise<string> {
  const [core, { LineChart, ScatterChart }, { GridComponent, TitleComponent }, { SVGRenderer }] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ])
  core.use([LineChart, ScatterChart, GridComponent, TitleComponent, SVGRenderer])
  const drawing = core.init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    drawing.setOption(toChartOptions(chart))
    return drawing.renderToSVGString()
  } finally {
    drawing.dispose()
  }
}

function toChartOptions({ title, unit, over, points }: Chart) {
  const text = { fontFamily: 'DejaVu Sans', color: colours.text }
  const secondaryText = { ...text, color: colours.quiet, fontSize: 12 }
  const missingPoints = points.filter(({ y }) => y === null).map(({ x }) => [x, 0])
  return {
    animation: false,
    backgroundColor: colours.ground,
    textStyle: text,
    title: {
      text: toDrawableTitle(title),
      left: 16,
      top: 12,
      textStyle: { ...text, fontSize: 15, fontWeight: 'normal' },
    },
    grid: { left: 64, right: 24, top: 60, bottom: 48 },
    xAxis: {
      type: 'value',
      min: 'dataMin',
      max: 'dataMax',
      minInterval: 1,
      name: over,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: secondaryText,
      axisLabel: secondaryText,
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      name: unit,
      nameTextStyle: secondaryText,
      axisLabel: secondaryText,
      splitLine: { lineStyle: { color: colours.grid } },
    },
    series: [
      {
        type: 'line',
        data: points.map(({ x, y }) => [x, y]),
        connectNulls: false,
        showSymbol: points.length <= 60,
        symbolSize: 6,
        lineStyle: { width: 2.5, color: colours.line },
        itemStyle: { color: colours.line },
      },
      { type: 'scatter', data: missingPoints, symbol: 'rect', symbolSize: [6, 10], itemStyle: { color: colours.lost } },
    ],
  }
}

/**
 * Shortens a title to the maximum length and removes characters that XML can't contain: a title may contain output of a
 * tool.
 */
function toDrawableTitle(title: string): string {
  const clean = title.replaceAll(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}]/gu, '')
  return [...clean].slice(0, maxTitleLength).join('')
}
