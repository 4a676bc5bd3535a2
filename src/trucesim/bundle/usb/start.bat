@echo off
chcp 65001 > nul
cd /d "%~dp0"
for %%v in ($versions) do (
  py -%%v -c "" > nul 2> nul && (
    py -%%v start.py %*
    goto end
  )
)
python -c "import sys; sys.exit(sys.version_info[0] != 3)" > nul 2> nul && (
  python start.py %*
  goto end
)
echo.
echo * Falta Python $pythons (64 bits). Instale el archivo de la carpeta "python"
echo   (marque "Add python.exe to PATH") y abra start.bat otra vez. Vea LEEME.txt.
echo   Python $pythons (64-bit) is missing. Install it from the folder "python"
echo   (tick "Add python.exe to PATH") and open start.bat again. See README.txt.
:end
echo.
pause
