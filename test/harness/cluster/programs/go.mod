module sluice.test/programs

go 1.26.0
