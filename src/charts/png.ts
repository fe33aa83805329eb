import { createRequire } from 'node:module'
import type { Chart } from '#core/request/insight'

/** Points of the picture; it is drawn at twice as many pixels, for phones. */
const width = 640
const height = 260

/** Characters of a title. */
const longestTitle = 70

/** A font of our own: a bare machine has none. */
const font = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')

// One picture for dark and light chats: its own light ground, no transparency.
const colours = {
  ground: '#f8fafc',
  text: '#1e293b',
  quiet: '#64748b',
  grid: '#e2e8f0',
  line: '#2563eb',
  lost: '#b91c1c',
}

/**
 * A chart as PNG, 1280 × 520 pixels. What draws is loaded with the first one: a worker that never needs it never pays for it.
 * Lost values are gaps in the line, marked on the ground.
 */
export async function chartPng(chart: Chart): Promise<Uint8Array> {
  const [svg, { Resvg }] = await Promise.all([chartSvg(chart), import('@resvg/resvg-js')])
  const fonts = { loadSystemFonts: false, fontFiles: [font], defaultFontFamily: 'DejaVu Sans' }
  const drawing = new Resvg(svg, {
    font: fonts,
    fitTo: { mode: 'width', value: width * 2 },
    background: colours.ground,
  })
  return drawing.render().asPng()
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
    drawing.setOption(optionsFor(chart))
    return drawing.renderToSVGString()
  } finally {
    drawing.dispose()
  }
}

function optionsFor({ title, unit, over, points }: Chart) {
  const text = { fontFamily: 'DejaVu Sans', color: colours.text }
  const quiet = { ...text, color: colours.quiet, fontSize: 12 }
  const lost = points.filter(({ y }) => y === null).map(({ x }) => [x, 0])
  return {
    animation: false,
    backgroundColor: colours.ground,
    textStyle: text,
    title: { text: drawable(title), left: 16, top: 12, textStyle: { ...text, fontSize: 15, fontWeight: 'normal' } },
    grid: { left: 64, right: 24, top: 60, bottom: 48 },
    xAxis: {
      type: 'value',
      min: 'dataMin',
      max: 'dataMax',
      minInterval: 1,
      name: over,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: quiet,
      axisLabel: quiet,
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      name: unit,
      nameTextStyle: quiet,
      axisLabel: quiet,
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
      { type: 'scatter', data: lost, symbol: 'rect', symbolSize: [6, 10], itemStyle: { color: colours.lost } },
    ],
  }
}

/** Characters of a title that fit, without those that XML can't hold: what a tool wrote may stand in it. */
function drawable(title: string): string {
  const clean = title.replaceAll(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}]/gu, '')
  return [...clean].slice(0, longestTitle).join('')
}
