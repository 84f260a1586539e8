# Completion of chimeractl for bash: the program itself knows what fits.
_chimeractl()
{
	mapfile -t COMPREPLY < <(chimeractl complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _chimeractl chimeractl
