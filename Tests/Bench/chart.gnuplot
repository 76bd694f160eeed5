# Draws report/ratios.svg from report/chart.tsv: for each row that has a goal, the measured ratio as a
# multiple of that goal. Run in Tests/Bench.
rows = system("wc -l < report/chart.tsv") + 0
set terminal svg size 960, 70 + 22 * rows font "sans-serif,12" background "#ffffff"
set output "report/ratios.svg"
set datafile separator "\t"
set label "measured ratio, as a multiple of the goal (1)" at graph 0, screen 0.985 left
set lmargin 72
set tmargin 3
set border 1
set logscale x 2
set xrange [0.5:*]
set yrange [rows - 0.5:-0.5]
set xtics nomirror
set ytics scale 0 nomirror
set style fill solid
set arrow from 1, graph 0 to 1, graph 1 nohead linecolor "#333333" dashtype 2 front
plot "report/chart.tsv" using (0.5):0:(0.5):2:($0 - 0.3):($0 + 0.3):($2 < 1 ? 0xc04040 : 0x3a7ca5):ytic(1) \
    with boxxyerror linecolor rgb variable notitle
