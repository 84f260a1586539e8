# Completion of chimeractl for fish: the program itself knows what fits.
function __chimeractl_offers
	set -l words (commandline -opc)
	chimeractl complete $words[2..-1] "$(commandline -ct)" 2>/dev/null
end
complete -c chimeractl -a '(__chimeractl_offers)'
